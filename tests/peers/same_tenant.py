"""The same task for auth0-deploy-cli and for Dialtone, and the two tenants compared.

auth0-deploy-cli sets up one simulated tenant. `dialtone export` writes it as manifests, which plan no
change for it. Applied to an empty tenant they must make the same one: auth0-python reads both, field by
field.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import deploy_cli
from simulated import ROOT, tenant

APPLICATIONS = ("web", "ios", "android")

# What differs between any two tenants.
OWN = {"id", "tenant", "created_at", "updated_at", "realms"}

ACCESS = """
apiVersion: dialtone.dev/v1alpha1
kind: Auth0Tenant
metadata: {name: acme}
spec:
  domain: acme.eu.auth0.com
  credentials: {clientSecret: {clientId: cid, secretRef: {name: auth0, key: clientSecret}}}
---
apiVersion: v1
kind: Secret
metadata: {name: auth0}
stringData: {clientSecret: csecret}
---
apiVersion: v1
kind: Secret
metadata: {name: twilio}
stringData: {authToken: token-1}
"""


def imported(simulated, directory):
    """Has auth0-deploy-cli set the tenant up."""
    tool = os.environ.get("A0DEPLOY", "a0deploy")
    config = deploy_cli.CONFIG | {"AUTH0_DOMAIN": simulated.domain}
    (directory / "tenant.yaml").write_text(json.dumps(deploy_cli.TENANT))
    for included in (deploy_cli.FIRST, config["AUTH0_INCLUDED_ONLY"]):
        (directory / "config.json").write_text(json.dumps(config | {"AUTH0_INCLUDED_ONLY": included}))
        command = [tool, "import", "-i", "tenant.yaml", "-c", "config.json", "--env=false"]
        environment = os.environ | {"NODE_EXTRA_CA_CERTS": simulated.ca}
        subprocess.run(command, cwd=directory, env=environment, timeout=180, check=True)


def dialtone(simulated, *arguments):
    """Runs Dialtone against a tenant, and gives its exit status and its output."""
    binary = os.environ.get("DIALTONE", str(ROOT / "target" / "debug" / "dialtone"))
    command = [binary, *arguments, "--endpoint", f"https://{simulated.domain}"]
    environment = os.environ | {"SSL_CERT_FILE": simulated.ca}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
    return done.returncode, done.stdout + done.stderr, done.stdout


def plain(value):
    """A model of the SDK as plain data, without what is a tenant's own."""
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in OWN}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def seen(simulated):
    """Everything that concerns phone messages, as auth0-python sees it."""
    os.environ["SSL_CERT_FILE"] = simulated.ca
    from auth0.management import ManagementClient

    client = ManagementClient(
        domain=simulated.domain, client_id="cid", client_secret="csecret", timeout=20
    )
    names = {item.client_id: item.name for item in client.clients.list()}
    connections = {}
    for item in client.connections.list(strategy=["sms"]):
        enabled = client.connections.clients.get(item.id)
        connections[item.name] = {
            "connection": plain(client.connections.get(item.id)),
            "applications": sorted(names[one.client_id] for one in enabled),
        }
        connections[item.name]["connection"].pop("enabled_clients", None)
    templates = client.branding.phone.templates.list().templates
    return {
        "providers": plain(client.branding.phone.providers.list().providers),
        "templates": {item.type: plain(item) for item in templates},
        "factors": {item.name: item.enabled for item in client.guardian.factors.list()},
        "message types": plain(client.guardian.factors.phone.get_message_types()),
        "policies": plain(client.guardian.policies.list()),
        "connections": connections,
        "unified": client.tenants.settings.get().phone_consolidated_experience,
    }


def differences(one, other, path=""):
    """Where two values differ, by path."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key), other.get(key), f"{path}/{key}")
    elif one != other:
        yield f"{path}: {one!r} after auth0-deploy-cli, {other!r} after Dialtone"


def main():
    with tenant(*APPLICATIONS) as theirs, tenant(*APPLICATIONS) as ours:
        with tempfile.TemporaryDirectory() as place:
            directory = pathlib.Path(place)
            imported(theirs, directory)
            access, phone = directory / "access.yaml", directory / "phone.yaml"
            access.write_text(ACCESS)
            code, told, manifests = dialtone(theirs, "export", "-f", str(access))
            if code:
                sys.exit(f"export ended with {code}: {told}")
            phone.write_text(manifests)
            both = ("-f", str(access), "-f", str(phone))
            code, told, _ = dialtone(theirs, "plan", *both)
            if code:
                sys.exit(f"what was exported changes the tenant: {told}")
            # What a new tenant needs besides: the token, and applications by name.
            names = dict(re.findall(r"^# (\S+) is (\S+)\.$", manifests, re.MULTILINE))
            for client_id, name in names.items():
                manifests = manifests.replace(f"clientId: {client_id}", f"name: {name}")
            token = "  twilio:\n    authTokenSecretRef: {name: twilio, key: authToken}\n"
            phone.write_text(manifests.replace("  twilio:\n", token))
            code, told, _ = dialtone(ours, "apply", "--yes", *both)
            if code:
                sys.exit(f"apply ended with {code}: {told}")
            found = list(differences(seen(theirs), seen(ours)))
            if found:
                sys.exit("the tenants differ:\n" + "\n".join(found))
            print("auth0-python sees the same tenant after Dialtone as after auth0-deploy-cli")


if __name__ == "__main__":
    main()
