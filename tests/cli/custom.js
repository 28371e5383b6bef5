// Runs action.js of this folder for the event in event.json, as Auth0 would, and prints what it called.
// Packages and the network are replaced; `event.fails` has the status that one of them answers.
const fs = require("fs");
const Module = require("module");
const path = require("path");

const event = JSON.parse(fs.readFileSync("event.json"));
const fails = event.fails ?? {};
delete event.fails;
const calls = [];
event.secrets = new Proxy({}, { get: (_, name) => String(name) });

function refused(status) {
  return Object.assign(new Error("refused"), {
    status,
    $metadata: { httpStatusCode: status },
    $retryable: undefined,
  });
}

const packages = {
  twilio: () => ({
    verify: {
      v2: {
        services: (service) => ({
          verifications: {
            create: async (body) => {
              calls.push({ call: "twilio", service, ...body });
              if (fails.twilio) throw refused(fails.twilio);
            },
          },
        }),
      },
    },
  }),
  "@aws-sdk/client-sns": {
    SNSClient: class {
      async send(command) {
        calls.push({ call: "sns", ...command.input });
        if (fails.sns) throw refused(fails.sns);
      }
    },
    PublishCommand: class {
      constructor(input) {
        this.input = input;
      }
    },
  },
};

const load = Module._load;
Module._load = function (name, ...rest) {
  return packages[name] ?? load.call(this, name, ...rest);
};
globalThis.fetch = async (url, { body }) => {
  calls.push({ call: "fetch", url, body });
  const status = fails.fetch ?? 202;
  return { status, ok: status < 300 };
};
const note = (call) => (reason) => calls.push({ call, reason });
const api = { notification: { drop: note("drop"), retry: note("retry") } };

const action = require(path.resolve("action.js"));
action
  .onExecuteCustomPhoneProvider(event, api)
  .then(() => console.log(JSON.stringify(calls)));
