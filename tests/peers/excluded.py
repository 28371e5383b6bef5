"""What auth0-deploy-cli leaves alone once it excludes what Dialtone manages, as docs/migration has it."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import deploy_cli
from simulated import tenant

EXCLUDED = ["phoneProviders", "phoneTemplates", "guardianPhoneFactorMessageTypes"]


def main():
    tool = os.environ.get("A0DEPLOY", "a0deploy")
    with tenant("web", "ios", "android") as simulated, tempfile.TemporaryDirectory() as place:
        directory = pathlib.Path(place)
        environment = os.environ | {"NODE_EXTRA_CA_CERTS": simulated.ca}

        def written(config, files):
            """What an import writes."""
            (directory / "config.json").write_text(json.dumps(config))
            (directory / "tenant.yaml").write_text(json.dumps(files))
            command = [tool, "import", "-i", "tenant.yaml", "-c", "config.json", "--env=false"]
            subprocess.run(command, cwd=directory, env=environment, timeout=180, check=True)
            calls = [call for call in simulated.calls() if call["path"].startswith("/api/")]
            return [(call["method"], call["path"]) for call in calls if call["wrote"]]

        config = deploy_cli.CONFIG | {"AUTH0_DOMAIN": simulated.domain}
        for included in (deploy_cli.FIRST, config["AUTH0_INCLUDED_ONLY"]):
            written(config | {"AUTH0_INCLUDED_ONLY": included}, deploy_cli.TENANT)
        before = simulated.control("GET", "/_sim/phone")
        del config["AUTH0_INCLUDED_ONLY"]
        # What is excluded is still in the files; of what is not, the part that moved is taken out.
        files = {name: deploy_cli.TENANT[name] for name in EXCLUDED}
        files |= {"guardianFactors": [{"name": "otp", "enabled": True}], "connections": []}
        writes = written(config | {"AUTH0_EXCLUDED": EXCLUDED}, files)
        print(f"an import with AUTH0_EXCLUDED wrote {writes}")
        if writes != [("PUT", "/api/v2/guardian/factors/otp")]:
            sys.exit("it should have written the factor that stays, and nothing else")
        if simulated.control("GET", "/_sim/phone") != before:
            sys.exit("it changed phone settings")


if __name__ == "__main__":
    main()
