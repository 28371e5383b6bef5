"""Lets auth0-deploy-cli set up phone messages in a simulated tenant, twice, and export them."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from simulated import refused, tenant

# Endpoints that the tool tries although it can do without them.
TOLERATED = ("/actions/modules", "/scim-configuration")

# The tool sends connections before the provider, and a tenant without a provider refuses an sms
# connection: a first import brings the provider alone.
FIRST = ["phoneProviders"]

CONFIG = {
    "AUTH0_CLIENT_ID": "cid",
    "AUTH0_CLIENT_SECRET": "csecret",
    "AUTH0_ALLOW_DELETE": False,
    "AUTH0_INCLUDED_ONLY": [
        "phoneProviders",
        "phoneTemplates",
        "guardianFactors",
        "guardianPolicies",
        "guardianPhoneFactorMessageTypes",
        "connections",
    ],
    "AUTH0_KEYWORD_REPLACE_MAPPINGS": {"TWILIO_AUTH_TOKEN": "token-1"},
}

# The types of templates, with what a message of each is about.
TYPES = {
    "otp_verify": "{{ tenant }}: {{ code }}",
    "otp_enroll": "{{ tenant }}: {{ code }}",
    "change_password": "{{ tenant }}: {{ code }}",
    "blocked_account": "{{ tenant }}",
    "password_breach": "{{ tenant }}",
}

TENANT = {
    "phoneProviders": [
        {
            "name": "twilio",
            "disabled": False,
            "configuration": {
                "sid": "AC" + "0" * 32,
                "default_from": "+12125550100",
                "delivery_methods": ["text", "voice"],
            },
            "credentials": {"auth_token": "##TWILIO_AUTH_TOKEN##"},
        }
    ],
    "phoneTemplates": [
        {
            "type": kind,
            "disabled": False,
            "content": {
                "from": "+12125550100",
                "body": {"text": f"Message of {what}", "voice": f"Call of {what}"},
            },
        }
        for kind, what in TYPES.items()
    ],
    "guardianFactors": [{"name": "sms", "enabled": True}],
    "guardianPolicies": {"policies": ["all-applications"]},
    "guardianPhoneFactorMessageTypes": {"message_types": ["sms", "voice"]},
    "connections": [
        {
            "name": "sms",
            "strategy": "sms",
            "enabled_clients": ["web", "ios", "android"],
            "options": {
                "name": "sms",
                "brute_force_protection": True,
                "totp": {"time_step": 300, "length": 6},
            },
        }
    ],
}


def main():
    tool = os.environ.get("A0DEPLOY", "a0deploy")
    with tenant("web", "ios", "android") as simulated, tempfile.TemporaryDirectory() as place:
        directory = pathlib.Path(place)
        config = CONFIG | {"AUTH0_DOMAIN": simulated.domain}
        (directory / "all.json").write_text(json.dumps(config))
        config["AUTH0_INCLUDED_ONLY"] = FIRST
        (directory / "first.json").write_text(json.dumps(config))
        # YAML is a superset of JSON.
        (directory / "tenant.yaml").write_text(json.dumps(TENANT))
        environment = os.environ | {"NODE_EXTRA_CA_CERTS": simulated.ca}

        def run(config, *arguments):
            command = [tool, *arguments, "-c", config, "--env=false"]
            # It has been seen to page for ever where a listing was wrong.
            done = subprocess.run(command, cwd=directory, env=environment, timeout=180)
            calls = simulated.calls()
            bad = refused(calls, TOLERATED)
            writes = sum(call["wrote"] for call in calls if call["path"].startswith("/api/"))
            print(f"auth0-deploy-cli {arguments[0]}: {len(calls)} calls, {writes} writes")
            if done.returncode or bad:
                sys.exit(f"{arguments[0]} ended with {done.returncode}; refused: {bad}")

        for config in ("first.json", "all.json", "all.json"):
            run(config, "import", "-i", "tenant.yaml")
        run("all.json", "export", "-f", "yaml", "-o", "out")
        exported = (directory / "out" / "tenant.yaml").read_text()
        missing = [kind for kind in [*TYPES, "twilio", "sms"] if kind not in exported]
        if missing:
            sys.exit(f"the export lacks {missing}")


if __name__ == "__main__":
    main()
