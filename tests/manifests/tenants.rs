//! What can be used although something else is wrong.

use crate::{PROVIDER, TENANT, read, stream};

fn left(documents: &[&str]) -> Vec<String> {
    let (mut manifests, found) = read(&stream(documents));
    manifests.keep_sound(&found);
    let names = manifests.objects.iter().map(|object| {
        let name = object.resource.metadata().name.clone();
        format!("{} {}", object.resource.kind(), name.unwrap_or_default())
    });
    names.collect()
}

fn other(text: &str) -> String {
    text.replace("acme", "other")
}

#[test]
fn an_error_drops_its_own_tenant_alone() {
    let (tenant, provider) = (other(TENANT).replace("keys", "more"), other(PROVIDER));
    let provider = provider
        .replace("name: twilio", "name: two")
        .replace("keys", "more");
    let all = [
        "Auth0Tenant acme",
        "PhoneProvider twilio",
        "Auth0Tenant other",
        "PhoneProvider two",
    ];
    assert_eq!(left(&[TENANT, PROVIDER, &tenant, &provider]), all);
    for wrong in [
        PROVIDER.replace("[Text", "[Test"),
        PROVIDER.replace("name: keys", "name: nokeys"),
        PROVIDER.replace("from:", "form:"),
    ] {
        assert_eq!(
            left(&[TENANT, &wrong, &tenant, &provider]),
            all[2..],
            "{wrong}"
        );
    }
    let wrong = tenant.replace("domain", "domian");
    assert_eq!(left(&[TENANT, PROVIDER, &wrong, &provider]), all[..2]);
    assert_eq!(left(&[TENANT, PROVIDER, &tenant, &provider, "a: [\n"]), all);
}

#[test]
fn a_tenant_that_is_wrong_is_not_also_missing() {
    let (_, found) = read(&stream(&[&TENANT.replace("domain", "domian"), PROVIDER]));
    let fields: Vec<_> = found
        .iter()
        .filter_map(|item| item.field.as_deref())
        .collect();
    assert_eq!(fields, ["spec", "spec.domian"]);
}
