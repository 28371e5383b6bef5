"""Lets auth0-python use every phone endpoint of a simulated tenant.

The SDK parses each answer into a typed model, so that this checks the form of the answers.
"""

import os
import sys
import time

from simulated import refused, tenant

TO = "+12125550111"


def use(domain, application):
    from auth0.management import ManagementClient

    client = ManagementClient(domain=domain, client_id="cid", client_secret="csecret", timeout=20)
    providers, templates = client.branding.phone.providers, client.branding.phone.templates

    provider = providers.create(
        name="twilio",
        disabled=False,
        credentials={"auth_token": "t"},
        configuration={
            "sid": "AC1",
            "default_from": "+12125550100",
            "delivery_methods": ["text", "voice"],
        },
    )
    assert [item.id for item in providers.list().providers] == [provider.id]
    assert providers.get(provider.id).name == "twilio"
    assert providers.update(provider.id, disabled=False).disabled is False
    providers.test(provider.id, to=TO, delivery_method="text")

    template = templates.create(
        type="otp_verify",
        disabled=False,
        content={"body": {"text": "{{ code }}", "voice": "{{ code }}"}},
    )
    types = {item.type for item in templates.list().templates}
    assert {"otp_verify", "otp_enroll", "change_password", "blocked_account"} <= types, types
    templates.update(template.id, disabled=False)
    templates.reset(template.id, request={})
    templates.test(template.id, to=TO, delivery_method="text")

    client.tenants.settings.update(phone_consolidated_experience=True)
    assert client.tenants.settings.get().phone_consolidated_experience is True

    guardian = client.guardian
    guardian.factors.set("sms", enabled=True)
    assert {item.name: item.enabled for item in guardian.factors.list()}["sms"] is True
    guardian.factors.phone.set_message_types(message_types=["sms", "voice"])
    assert set(guardian.factors.phone.get_message_types().message_types) == {"sms", "voice"}
    guardian.policies.set(request=["all-applications"])
    assert guardian.policies.list() == ["all-applications"]

    connection = client.connections.create(name="sms", strategy="sms", options={"name": "sms"})
    assert [item.id for item in client.connections.list(strategy=["sms"])] == [connection.id]
    enabled = client.connections.clients
    enabled.update(connection.id, request=[{"client_id": application, "status": True}])
    assert [item.client_id for item in enabled.get(connection.id)] == [application]
    client.connections.update(connection.id, options={"disable_signup": False})
    assert client.connections.get(connection.id).options.get("disable_signup") is False

    providers.delete(provider.id)
    assert providers.list().providers == []
    use_action(client)


def use_action(client):
    """The custom provider: an Action that is built, deployed, bound, and then named by it."""
    actions, trigger = client.actions, "custom-phone-provider"
    action = actions.create(
        name="phone",
        supported_triggers=[{"id": trigger, "version": "v1"}],
        code="exports.onExecuteCustomPhoneProvider = async (event, api) => {};",
        runtime="node22",
        secrets=[{"name": "TOKEN", "value": "t"}],
    )
    assert [item.id for item in actions.list(trigger_id=trigger)] == [action.id]
    wait(lambda: actions.get(action.id).status == "built")
    actions.deploy(action.id)
    wait(lambda: actions.get(action.id).all_changes_deployed)
    reference = {"type": "action_id", "value": action.id}
    bindings = client.actions.triggers.bindings
    bindings.update_many(trigger, bindings=[{"ref": reference, "display_name": "phone"}])
    assert [item.action.id for item in bindings.list(trigger)] == [action.id]

    providers = client.branding.phone.providers
    provider = providers.create(
        name="custom",
        disabled=False,
        credentials={},
        configuration={"delivery_methods": ["text"]},
    )
    assert providers.get(provider.id).name == "custom"
    actions.delete(action.id, force=True)
    assert list(actions.list(trigger_id=trigger)) == []


def wait(condition):
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    sys.exit("the Action did not get there within 10 seconds")


def main():
    with tenant() as simulated:
        os.environ["SSL_CERT_FILE"] = simulated.ca
        application = simulated.control("POST", "/_sim/clients", {"name": "web"})["client_id"]
        use(simulated.domain, application)
        calls = simulated.calls()
        bad = refused(calls)
        if bad:
            sys.exit(f"refused: {bad}")
        print(f"auth0-python: {len(calls)} calls, all answered as it expects")


if __name__ == "__main__":
    main()
