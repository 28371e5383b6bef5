//! Bases that are missing, that say less than they seem to, and changes that are more than an edit.

use std::fs;

use super::Change;
use crate::workspace::{only, without};

#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_is_not_there_or_cannot_be_read_is_no_all_clear() {
    let change = Change::of("quickstart").await;
    let missing = change.with_base(&[]);
    assert_eq!(missing.code, 1, "{}", missing.all());
    assert!(missing.stderr.contains("there is no "), "{}", missing.all());
    // An empty folder is what a branch has before its first manifest.
    fs::create_dir(change.workspace.file("before")).unwrap();
    let empty = change.with_base(&[]);
    assert_eq!((empty.code, &*empty.stderr), (2, ""), "{}", empty.all());
    let broken = change.workspace.file("before/broken.yaml");
    fs::write(broken, "kind: [\n").unwrap();
    let broken = change.with_base(&["-o", "json"]);
    assert_eq!(broken.code, 1, "{}", broken.all());
    let unseen = broken.json()["unseen"].to_string();
    assert!(unseen.contains("before the change"), "{unseen}");
    let dir = change.workspace.dir();
    let both = change.run(&["plan", "-f", &dir, "--state", "x", "--base", "y"]);
    assert_eq!(both.code, 64, "{}", both.all());
    let stdin = change.run(&["plan", "-f", &dir, "--base", "-"]);
    assert_eq!(stdin.code, 1, "{}", stdin.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_is_a_deletion_and_then_a_creation_whichever_comes_first() {
    for name in ["alpha", "zulu"] {
        let change = Change::deleting("quickstart").await;
        let named =
            |name: &str| format!("kind: PasswordlessConnection\nmetadata:\n  name: {name}\n");
        change
            .workspace
            .replace("phone.yaml", &named("sms"), &named(name));
        let plan = change.with_base(&["--deny-hazards"]);
        assert_eq!(plan.code, 3, "{name}: {}", plan.all());
        let deleted = plan
            .stdout
            .find("delete connection sms and its users")
            .unwrap();
        let created = plan.stdout.find("create connection sms").unwrap();
        assert!(deleted < created, "{}", plan.all());
        assert!(!plan.stdout.contains("comes first"), "{}", plan.all());
        let told = change.with_base(&["-o", "json"]).json();
        let parts: Vec<_> = told["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["domain"].clone(), it["afterDeletion"].clone()))
            .collect();
        let domain = "acme.eu.auth0.com";
        let expected = [(domain.into(), false.into()), (domain.into(), true.into())];
        assert_eq!(parts, expected, "{told:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rested_is_remembered_and_what_only_looked_is_not() {
    let kept = "  deliveryMethods";
    let change = Change::of("quickstart").await;
    let never = format!("  adopt: Never\n{kept}");
    change.workspace.replace("phone.yaml", kept, &never);
    change.apply();
    let domain = "  domain: acme";
    let rests = format!("  suspend: true\n{domain}");
    change.workspace.replace("tenant.yaml", domain, &rests);
    change.apply();
    change.workspace.replace("tenant.yaml", &rests, domain);
    change
        .workspace
        .replace("phone.yaml", kept, &format!("  enabled: false\n{kept}"));
    let resumed = change.with_base(&["--deny-hazards"]);
    assert_eq!(resumed.code, 3, "{}", resumed.all());

    // Where the tenant was only looked at, what is there is somebody else's.
    let before = change.workspace.file("before/tenant.yaml");
    let observed = fs::read_to_string(&before)
        .unwrap()
        .replace("suspend: true", "managementPolicy: Observe");
    fs::write(&before, observed).unwrap();
    let looked = change.with_base(&["--deny-hazards"]);
    assert_eq!(looked.code, 1, "{}", looked.all());
    // Nothing goes from a tenant that is only looked at.
    let change = Change::deleting("quickstart").await;
    let observe = format!("  managementPolicy: Observe\n{domain}");
    change.workspace.replace("tenant.yaml", domain, &observe);
    change.workspace.write("phone.yaml", "");
    let gone = change.with_base(&["--deny-hazards"]);
    assert_eq!(gone.code, 0, "{}", gone.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_is_not_taken_for_the_one_that_was_set_up() {
    let kept = "  deliveryMethods";
    let change = Change::of("quickstart").await;
    let never = format!("  adopt: Never\n{kept}");
    change.workspace.replace("phone.yaml", kept, &never);
    change.apply();
    assert_eq!(change.with_base(&[]).code, 0);
    change
        .workspace
        .replace("tenant.yaml", "acme.eu.auth0.com", "other.eu.auth0.com");
    let other = change.with_base(&[]);
    assert_eq!(other.code, 1, "{}", other.all());
    assert!(other.stderr.contains("--base"), "{}", other.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_server_would_refuse_is_no_change() {
    let change = Change::of("quickstart").await;
    change.apply();
    change.workspace.replace(
        "phone.yaml",
        "  signup: Allowed",
        "  name: other\n  signup: Allowed",
    );
    let refused = change.with_base(&[]);
    assert_eq!(refused.code, 1, "{}", refused.all());
    assert!(
        refused
            .stderr
            .contains("the cluster would refuse PasswordlessConnection default/sms"),
        "{}",
        refused.all()
    );
}

/// Takes the Secrets out of a file, now and before the change.
fn keep_secrets_elsewhere(change: &Change, file: &str) {
    for folder in [change.workspace.dir(), change.workspace.file("before")] {
        let path = format!("{folder}/{file}");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, without("Secret", &text)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_secrets_is_no_new_value() {
    let elsewhere = &["--secrets-elsewhere"][..];
    let change = Change::of("custom-provider-amazon-sns").await;
    change.apply();
    keep_secrets_elsewhere(&change, "provider.yaml");
    let secret = |name: &str, key: &str| {
        format!("        - name: {name}\n          valueFrom: {{name: amazon-sns, key: {key}}}\n")
    };
    let region = secret("AWS_REGION", "region");
    let id = secret("AWS_ACCESS_KEY_ID", "accessKeyId");
    let (one, other) = (format!("{region}{id}"), format!("{id}{region}"));
    change.workspace.replace("provider.yaml", &one, &other);
    let same = change.with_base(elsewhere);
    assert_eq!(same.code, 0, "{}", same.all());
    let renamed = id.replace("amazon-sns", "amazon-sns-2027");
    change.workspace.replace("provider.yaml", &id, &renamed);
    let renamed = change.with_base(elsewhere);
    assert_eq!(renamed.code, 2, "{}", renamed.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_secret_is_a_new_value_although_nobody_sees_it() {
    let elsewhere = &["--secrets-elsewhere"][..];
    let change = Change::of("quickstart").await;
    change.apply();
    keep_secrets_elsewhere(&change, "phone.yaml");
    assert_eq!(change.with_base(elsewhere).code, 0);
    change.workspace.replace(
        "phone.yaml",
        "{name: twilio, key",
        "{name: twilio-2027, key",
    );
    let renamed = change.with_base(elsewhere);
    assert_eq!(renamed.code, 2, "{}", renamed.all());
    assert!(renamed.stdout.contains("(new secret)"), "{}", renamed.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beside_the_base_counts_for_it_too() {
    let change = Change::of("templates").await;
    let never = "  type: OtpEnroll\n";
    change
        .workspace
        .replace("templates.yaml", never, &format!("{never}  adopt: Never\n"));
    change.apply();
    // The ConfigMap comes from elsewhere, and so do Secrets and other folders.
    let text = fs::read_to_string(change.workspace.file("before/templates.yaml")).unwrap();
    let before = change.workspace.file("before/templates.yaml");
    fs::write(before, without("ConfigMap", &text)).unwrap();
    let plan = change.with_base(&[]);
    assert_eq!(plan.code, 0, "{}", plan.all());
    let more = change.workspace.file("more");
    fs::create_dir(&more).unwrap();
    fs::rename(
        change.workspace.file("before/tenant.yaml"),
        format!("{more}/tenant.yaml"),
    )
    .unwrap();
    let plan = change.with_base(&["--base", &more]);
    assert_eq!(plan.code, 0, "{}", plan.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_may_be_taken_away() {
    let change = Change::deleting("quickstart").await;
    for file in ["phone.yaml", "tenant.yaml"] {
        change.workspace.write(file, "");
    }
    // Credentials come from elsewhere, as in a pipeline.
    let kept = change.workspace.file("kept.yaml");
    let before = fs::read_to_string(change.workspace.file("before/tenant.yaml")).unwrap();
    fs::write(&kept, only("Secret", &before)).unwrap();
    let rest = without("Secret", &before);
    fs::write(change.workspace.file("before/tenant.yaml"), rest).unwrap();
    let gone = change.with_base(&["-f", &kept, "--deny-hazards"]);
    assert_eq!(gone.code, 3, "{}", gone.all());
    assert!(
        gone.stdout.contains("delete phone provider"),
        "{}",
        gone.all()
    );

    // What was never to be deleted stays, and no file is left.
    let change = Change::of("quickstart").await;
    change.apply();
    for file in ["phone.yaml", "tenant.yaml"] {
        fs::remove_file(change.workspace.path(file)).unwrap();
    }
    let left = change.with_base(&["--deny-hazards"]);
    assert_eq!(left.code, 0, "{}", left.all());
    assert!(left.stdout.contains("nothing to plan"), "{}", left.all());
    let dir = change.workspace.dir();
    let unsaid = change.run(&["plan", "-f", &dir]);
    assert_eq!(unsaid.code, 1, "{}", unsaid.all());
}

/// A provider that goes without a trace has acknowledged what it named, as `docs/ci.md` has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_goes_at_once_lets_through_what_it_named_before() {
    let change = Change::deleting("quickstart").await;
    let file = "phone.yaml";
    let delete = "\n  deletionPolicy: Delete\n  deliveryMethods";
    change
        .workspace
        .replace(file, delete, "\n  deliveryMethods");
    let named = "  name: twilio\nspec:";
    let acknowledging = |names: &str| {
        format!(
            "  name: twilio\n  annotations: {{dialtone.dev/acknowledge-breaking: \"{names}\"}}\nspec:"
        )
    };
    let phone = fs::read_to_string(change.workspace.path(file)).unwrap();
    for (names, code) in [("mfa", 3), ("mfa, passwordless", 2)] {
        let before = phone.replace(named, &acknowledging(names));
        fs::write(change.workspace.file("before/phone.yaml"), before).unwrap();
        change.workspace.write(file, &only("Secret", &phone));
        let plan = change.with_base(&["--deny-hazards"]);
        assert_eq!(plan.code, code, "{names}: {}", plan.all());
        let advice = "of PhoneProvider default/twilio before that goes: passwordless/sms/";
        assert_eq!(plan.stdout.contains(advice), code == 3, "{}", plan.all());
    }
    // One that stays has the annotation that it has now.
    let stays = without("MfaPhoneFactor", &phone);
    change.workspace.write(file, &stays);
    let plan = change.with_base(&["--deny-hazards"]);
    assert_eq!(plan.code, 3, "{}", plan.all());
}

/// A tenant that is not written need not be read for what leaves with it: not even its Secret is there.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_of_a_tenant_that_goes_and_was_not_written() {
    let domain = "  domain: acme";
    for spec in ["managementPolicy: Observe", "suspend: true"] {
        let change = Change::deleting("quickstart").await;
        let before = change.workspace.file("before/tenant.yaml");
        let text = fs::read_to_string(&before).unwrap();
        let tenant = only("Auth0Tenant", &text);
        let not_written = tenant.replace(domain, &format!("  {spec}\n{domain}"));
        fs::write(&before, not_written).unwrap();
        for file in ["phone.yaml", "tenant.yaml"] {
            fs::remove_file(change.workspace.path(file)).unwrap();
        }
        let gone = change.with_base(&[]);
        assert_eq!(gone.code, 0, "{spec}: {}", gone.all());
        assert!(gone.stdout.contains("nothing to plan"), "{}", gone.all());
    }
}
