//! The exposition: what is counted, under which names, and what goes when a tenant goes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dialtone::api::{Condition, ConditionStatus, ConditionType, Kind, Reason};
use dialtone::auth0::client::Call;
use dialtone::auth0::exchange::Method;
use dialtone::operator::metrics::{ApiWrite, FAMILIES, Metrics, PassEnd, Type};
use dialtone::phone::acknowledgement::Acknowledgement;
use dialtone::phone::action::{Action, Cause, Change, ObjectKey};
use dialtone::phone::delivery::MessageType;
use dialtone::phone::flow::Flow;
use dialtone::phone::hazard::Hazard;
use dialtone::phone::outcome::{Class, Failure};
use dialtone::phone::plan::{Plan, Step};
use dialtone::phone::policy::Withheld;
use jiff::Timestamp;

fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: "default".to_owned(),
        name: name.to_owned(),
    }
}

fn tenant() -> ObjectKey {
    key(Kind::Auth0Tenant, "acme")
}

fn call(status: Option<u16>) -> Call {
    Call {
        method: Method::Get,
        endpoint: "/api/v2/clients/{id}",
        status,
        duration: Duration::from_millis(80),
        waited: Duration::from_millis(1500),
        remaining: Some(7),
    }
}

fn condition(status: ConditionStatus) -> Condition {
    Condition {
        type_: ConditionType::Ready,
        status,
        reason: Reason::Succeeded,
        message: String::new(),
        last_transition_time: Timestamp::UNIX_EPOCH,
        observed_generation: None,
    }
}

fn plan(cause: Cause) -> Plan {
    Plan {
        steps: vec![Step {
            action: Action {
                owner: key(Kind::MfaPhoneFactor, "phone"),
                change: Change::SetFactor { enabled: true },
                fields: Vec::new(),
                cause,
            },
            needs: Vec::new(),
            withheld: None,
        }],
        ..Plan::default()
    }
}

/// Metrics in which every family has a sample.
fn filled() -> Metrics {
    let metrics = Metrics::new();
    let observer = metrics.tenant(&tenant());
    observer.called(&call(Some(200)));
    observer.held_back();
    metrics.pass(&tenant(), PassEnd::Applied, Duration::from_secs(2));
    metrics.planned(&tenant(), &plan(Cause::Drift));
    metrics.conditions(&tenant(), &[condition(ConditionStatus::True)]);
    metrics.wrote(ApiWrite::Status);
    metrics.watch_failed("secrets");
    metrics.leading(true);
    metrics
}

#[track_caller]
fn has(metrics: &Metrics, sample: &str) {
    let page = metrics.encode().unwrap();
    assert!(
        page.lines().any(|line| line == sample),
        "{sample} in\n{page}"
    );
}

#[test]
fn calls_are_counted_by_endpoint_method_and_class() {
    let metrics = Metrics::new();
    let observer = metrics.tenant(&tenant());
    for status in [200, 204, 302, 404, 429, 503] {
        observer.called(&call(Some(status)));
    }
    observer.called(&call(None));
    let sample = |class: &str, count: u64| {
        format!(
            "dialtone_auth0_requests_total{{tenant=\"default/acme\",\
             endpoint=\"/api/v2/clients/{{id}}\",method=\"GET\",status=\"{class}\"}} {count}"
        )
    };
    for (class, count) in [
        ("2xx", 2),
        ("3xx", 1),
        ("4xx", 1),
        ("429", 1),
        ("5xx", 1),
        ("none", 1),
    ] {
        has(&metrics, &sample(class, count));
    }
    has(
        &metrics,
        "dialtone_auth0_throttled_seconds_total{tenant=\"default/acme\"} 10.5",
    );
    has(
        &metrics,
        "dialtone_auth0_rate_limit_remaining{tenant=\"default/acme\"} 7",
    );
}

#[test]
fn hazards_are_told_by_whether_the_step_that_breaks_is_withheld() {
    let metrics = Metrics::new();
    let hazard = |step| Hazard {
        flow: Flow::Mfa(MessageType::Sms),
        step,
        cause: key(Kind::PhoneProvider, "twilio"),
        dependent: None,
        intended: false,
        acknowledged: step == 0,
        acknowledgement: Acknowledgement::Nowhere(tenant()),
        application: None,
        remedy: String::new(),
    };
    let mut plan = plan(Cause::Spec);
    plan.steps.push(Step {
        withheld: Some(Withheld::BreakingChange(BTreeSet::new())),
        ..plan.steps[0].clone()
    });
    plan.hazards = vec![hazard(0), hazard(1), hazard(1)];
    metrics.planned(&tenant(), &plan);
    let hazards = "dialtone_plan_hazards{tenant=\"default/acme\",withheld=";
    has(&metrics, &format!("{hazards}\"true\"}} 2"));
    has(&metrics, &format!("{hazards}\"false\"}} 1"));
}

#[test]
fn a_plan_takes_the_place_of_the_one_before() {
    let metrics = Metrics::new();
    metrics.planned(&tenant(), &plan(Cause::Drift));
    let action =
        "dialtone_plan_actions{tenant=\"default/acme\",action=\"set_factor\",withheld=\"false\"} 1";
    has(&metrics, action);
    has(&metrics, "dialtone_tenant_drift{tenant=\"default/acme\"} 1");
    metrics.planned(&tenant(), &Plan::default());
    has(&metrics, "dialtone_tenant_drift{tenant=\"default/acme\"} 0");
    for withheld in [false, true] {
        let hazards = "dialtone_plan_hazards{tenant=\"default/acme\",withheld=";
        has(&metrics, &format!("{hazards}\"{withheld}\"}} 0"));
    }
    assert!(!metrics.encode().unwrap().contains("set_factor"));
}

#[test]
fn a_condition_has_one_status() {
    let metrics = Metrics::new();
    let object = key(Kind::PhoneProvider, "twilio");
    metrics.conditions(&object, &[condition(ConditionStatus::False)]);
    metrics.conditions(&object, &[condition(ConditionStatus::True)]);
    has(
        &metrics,
        "dialtone_object_condition{kind=\"PhoneProvider\",namespace=\"default\",name=\"twilio\",type=\"Ready\",status=\"True\"} 1",
    );
    assert!(!metrics.encode().unwrap().contains("status=\"False\""));
    metrics.forget(&object);
    assert!(!metrics.encode().unwrap().contains("twilio"));
}

#[test]
fn of_a_tenant_that_is_gone_nothing_is_left_even_where_its_client_lives_on() {
    let metrics = filled();
    let observer = metrics.tenant(&tenant());
    metrics.forget(&tenant());
    observer.called(&call(Some(200)));
    assert!(!metrics.encode().unwrap().contains("acme"));
}

#[test]
fn a_pass_has_the_result_of_its_worst_part() {
    let failure = |class| Failure {
        class,
        reason: Reason::ApiError,
        message: String::new(),
    };
    let throttled = failure(Class::Throttled(Timestamp::UNIX_EPOCH));
    assert_eq!(PassEnd::of(Err(&throttled)), PassEnd::Throttled);
    assert_eq!(
        PassEnd::of(Err(&failure(Class::Transient))),
        PassEnd::Failed
    );
}

/// The families of an exposition: type and help by name, and the labels that samples have.
fn exposed(page: &str) -> BTreeMap<String, (String, String, BTreeSet<String>)> {
    let mut found: BTreeMap<String, (String, String, BTreeSet<String>)> = BTreeMap::new();
    let mut current = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            name.clone_into(&mut current);
            help.clone_into(&mut found.entry(current.clone()).or_default().1);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            rest.split_once(' ')
                .unwrap()
                .1
                .clone_into(&mut found.get_mut(&current).unwrap().0);
        } else if let Some((_, rest)) = line.split_once('{') {
            let labels = rest
                .split("=\"")
                .map(|part| part.rsplit(['"', ',']).next().unwrap());
            let own = labels.filter(|name| !name.contains('}') && *name != "le");
            let names = &mut found.get_mut(&current).unwrap().2;
            names.extend(own.map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_exposition_is_what_the_table_says_and_no_more() {
    let page = filled().encode().unwrap();
    assert!(page.ends_with("# EOF\n"));
    let exposed = exposed(&page);
    assert_eq!(exposed.len(), FAMILIES.len(), "{page}");
    for family in FAMILIES {
        let full = family.full_name();
        let name = match family.kind {
            Type::Counter => full.trim_end_matches("_total"),
            Type::Info => full.trim_end_matches("_info"),
            Type::Gauge | Type::Histogram => full.as_str(),
        };
        let (kind, help, labels) = &exposed[name];
        assert_eq!(
            (kind.as_str(), help.as_str()),
            (family.kind.as_str(), family.help)
        );
        let wanted: BTreeSet<String> = family.labels.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(*labels, wanted, "{name}");
        let sample = page.lines().find(|line| line.starts_with(full.as_str()));
        assert!(sample.is_some(), "{full} has no sample");
    }
}
