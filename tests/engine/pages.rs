//! The styles of pages, at their edges.

use serde_json::{Value, json};

use crate::{Tenant, deployed_action, text};

fn connections(count: usize) -> Tenant {
    let mut tenant = Tenant::new();
    for at in 0..count {
        let body = json!({"name": format!("users-{at}"), "strategy": "auth0"});
        assert_eq!(tenant.post("/connections", body).0, 201);
    }
    tenant
}

fn names(page: &Value) -> Vec<&str> {
    let items = page.as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

#[test]
fn without_totals_a_listing_is_a_bare_array() {
    let mut tenant = connections(3);
    assert_eq!(names(&tenant.get("/connections").1).len(), 3);
    assert_eq!(
        names(&tenant.get("/connections?page=1&per_page=2").1),
        ["users-2"]
    );
    assert_eq!(
        tenant.get("/connections?page=2&per_page=2"),
        (200, json!([]))
    );
}

#[test]
fn totals_count_everything_and_a_page_past_the_end_is_empty() {
    let mut tenant = connections(3);
    let (_, page) = tenant.get("/connections?include_totals=true&page=1&per_page=2");
    assert_eq!(names(&page["connections"]), ["users-2"]);
    let (_, past) = tenant.get("/connections?include_totals=true&page=2&per_page=2");
    assert_eq!(
        past,
        json!({"start": 4, "limit": 2, "length": 0, "total": 3, "connections": []})
    );
    let (_, none) = Tenant::new().get("/connections?include_totals=true");
    assert_eq!(
        none,
        json!({"start": 0, "limit": 100, "length": 0, "total": 0, "connections": []})
    );
}

#[test]
fn checkpoints_lead_through_everything_and_end_without_next() {
    let mut tenant = connections(5);
    let mut seen = Vec::new();
    let mut path = "/connections?take=2&include_totals=true".to_owned();
    for _ in 0..10 {
        let (_, page) = tenant.get(&path);
        assert!(
            page.get("total").is_none(),
            "checkpoint pages have no totals"
        );
        seen.extend(names(&page["connections"]).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/connections?take=2&from={next}");
    }
    assert_eq!(
        seen,
        ["users-0", "users-1", "users-2", "users-3", "users-4"]
    );
    // A page that is exactly full is the last one too.
    assert!(tenant.get("/connections?take=5").1.get("next").is_none());
}

#[test]
fn limits_out_of_range_are_refused() {
    let mut tenant = connections(1);
    for path in [
        "/connections?take=0",
        "/connections?take=101",
        "/connections?per_page=0",
        "/connections?per_page=101",
        "/connections?page=-1",
        "/connections?take=many",
        "/connections?from=nowhere",
        "/connections?include_totals=perhaps",
        "/clients?per_page=101",
        "/clients?is_global=perhaps",
        "/actions/actions?include_totals=true",
        "/branding/phone/providers?disabled=perhaps",
    ] {
        let (status, answer) = tenant.get(path);
        assert_eq!(status, 400, "{path}");
        assert_eq!(answer["errorCode"], "invalid_query_string", "{path}");
    }
}

#[test]
fn an_application_listing_holds_the_global_one_unless_it_is_filtered_out() {
    let mut tenant = Tenant::new();
    tenant.store.seed_client("web");
    assert_eq!(
        names(&tenant.get("/clients").1),
        ["All Applications", "web"]
    );
    assert_eq!(names(&tenant.get("/clients?is_global=false").1), ["web"]);
    assert_eq!(
        tenant
            .get("/clients?is_global=false&fields=name,app_type&include_fields=true")
            .1,
        json!([{"name": "web", "app_type": "regular_web"}])
    );
    let (_, page) =
        tenant.get("/clients?fields=client_secret,signing_keys&include_fields=false&take=1");
    assert!(page["clients"][0].get("client_secret").is_none());
    assert!(page["clients"][0].get("client_id").is_some());
}

#[test]
fn more_than_fifty_applications_take_more_than_a_page_and_more_than_a_write() {
    let mut tenant = connections(1);
    let (_, listed) = tenant.get("/connections");
    let path = format!("/connections/{}/clients", text(&listed[0], "id"));
    let clients: Vec<String> = (0..101)
        .map(|at| tenant.store.seed_client(&format!("app-{at}")))
        .collect();
    let on = |clients: &[String]| -> Value {
        let items = clients
            .iter()
            .map(|id| json!({"client_id": id, "status": true}));
        items.collect()
    };
    assert_eq!(tenant.patch(&path, on(&clients[..51])).0, 400);
    assert_eq!(tenant.patch(&path, json!([])).0, 400);
    for chunk in clients.chunks(50) {
        assert_eq!(tenant.patch(&path, on(chunk)).0, 204);
    }
    let (_, first) = tenant.get(&path);
    assert_eq!(first["clients"].as_array().unwrap().len(), 50);
    assert!(first["next"].is_string());
    let (_, all) = tenant.get(&format!("{path}?take=1000"));
    assert_eq!(all["clients"].as_array().unwrap().len(), 101);
    assert!(all.get("next").is_none());
}

#[test]
fn connections_of_an_application_are_filtered_by_strategy() {
    let mut tenant = connections(2);
    let client = tenant.store.seed_client("web");
    let (_, listed) = tenant.get("/connections");
    for connection in listed.as_array().unwrap() {
        let path = format!("/connections/{}/clients", text(connection, "id"));
        tenant.patch(&path, json!([{"client_id": client, "status": true}]));
    }
    let path = format!("/clients/{client}/connections");
    let count = |tenant: &mut Tenant, query: &str| {
        let (_, page) = tenant.get(&format!("{path}?{query}"));
        page["connections"].as_array().unwrap().len()
    };
    assert_eq!(count(&mut tenant, "take=1"), 1);
    assert_eq!(count(&mut tenant, "strategy=auth0&strategy=sms"), 2);
    assert_eq!(count(&mut tenant, "strategy=sms"), 0);
}

#[test]
fn lists_of_actions_leave_out_what_is_nought() {
    let mut tenant = Tenant::new();
    let bindings = "/actions/triggers/custom-phone-provider/bindings";
    assert_eq!(
        tenant.get("/actions/actions"),
        (200, json!({"per_page": 20, "actions": []}))
    );
    assert_eq!(
        tenant.get(bindings).1,
        json!({"per_page": 20, "bindings": []})
    );
    deployed_action(&mut tenant);
    let (_, page) = tenant.get("/actions/actions?per_page=50");
    assert_eq!((&page["total"], page.get("page")), (&json!(1), None));
    // A page past the end has no total: clients that count on it would page for ever.
    assert_eq!(
        tenant.get("/actions/actions?page=1&per_page=50").1,
        json!({"page": 1, "per_page": 50, "actions": []})
    );
}
