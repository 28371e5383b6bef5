//! `kubectl dialtone plan`: what would change, from the objects of a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::access::{Access, KubectlError};
use super::gather::{Gathered, ScopeArgs};
use super::named::TenantName;
use super::{overlay, trust};
use crate::api::{Auth0Tenant, NamespacesFrom, Resource};
use crate::auth0::connect::Place;
use crate::auth0::random;
use crate::auth0::token::TokenCache;
use crate::cli::failure::CliError;
use crate::cli::link::Link;
use crate::cli::plan::{Output, observed};
use crate::cli::workspace::{confined, usable};
use crate::cli::{complain, note, show};
use crate::manifest::{self, Input, Manifests, Options};
use crate::operator::dereference::dereference;
use crate::operator::registry::View;
use crate::phone::action::ObjectKey;
use crate::phone::desire::{References, desire, key_of, tenant_of};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::Policy;
use crate::phone::secret::FingerprintKey;

/// Show what the operator would change in each tenant, with hazards beside the action that causes
/// them: for the cluster as it is, or as it would be with manifests applied to it. Nothing is
/// written. Secrets are read with your own rights.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 nothing to change, 2 changes, \
                        1 an error, something that may not be seen, or an object that cannot become \
                        Ready, 3 a hazard and --deny-hazards.")]
pub struct PlanArgs {
    /// The `Auth0Tenant`, as NAME or NAMESPACE/NAME. All where absent.
    tenant: Option<TenantName>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Manifests to lay over the cluster's objects: a file, a folder, or - for standard input; may
    /// be repeated. The tenants that they are about are planned.
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    filename: Vec<String>,
    /// The operator's namespace, where it keeps the key of fingerprints.
    #[arg(long, value_name = "NAME", default_value = "dialtone-system")]
    operator_namespace: String,
    /// Reach every tenant at this URL, such as that of `dialtone simulate`.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Send credentials of the cluster where the manifests say: a tenant that is new among them, or
    /// reached in another way than that of the cluster, is read with Secrets of the cluster. Only for
    /// manifests that somebody has reviewed.
    #[arg(long, requires = "filename")]
    trust_files: bool,
    /// Exit with status 3 if the plan breaks a sign-in flow that is not acknowledged.
    #[arg(long)]
    deny_hazards: bool,
    /// The form of the plan.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Reads objects and tenants, and prints the plan.
///
/// # Errors
///
/// [`CliError`] where objects or manifests cannot be used, or a tenant cannot be read.
pub async fn run(args: PlanArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let access = Access::new(&args.scope.cluster).await?;
    let laid = Laid::read(&args, access.namespace())?;
    let mut gathered = laid.gather(&access, &args).await?;
    gathered.rivals(&access).await?;
    let mut complete = laid.complete;
    // Whoever names the endpoint on the command line says where credentials go.
    let provided = overlay::provided(&laid.manifests.references);
    let trusting = args.trust_files || args.endpoint.is_some();
    let known = (!trusting).then(|| Laid::tenants(&gathered));
    complete &= laid.lay(&mut gathered)?;
    let source = Planner {
        fingerprints: fingerprint_key(&access, &args.operator_namespace).await?,
        access: &access,
        endpoint: args.endpoint.as_deref(),
        laid: &laid.manifests.references,
        tokens: Arc::new(TokenCache::new()),
    };
    let mut plans: Vec<Planned> = Vec::new();
    for key in gathered.tenants.clone() {
        gathered.labels(&access, &key).await?;
        let view = gathered.view(&key);
        let Some(Resource::Auth0Tenant(tenant)) = view.tenant.as_deref() else {
            let hidden = gathered.hidden.get(&key).cloned();
            note(&hidden.unwrap_or_else(|| format!("there is no {key}: its objects wait for it")))?;
            complete = false;
            continue;
        };
        let sent = known.as_ref().map_or(Ok(()), |known| {
            trust::may_send(known.get(&key), tenant, &provided)
        });
        if let Err(why) = sent {
            note(&format!("{key}: {why}"))?;
            complete = false;
            continue;
        }
        match source.plan(&key, tenant, &view).await {
            Ok((planned, seen)) => {
                complete &= seen;
                plans.push(planned);
            }
            // It is this tenant's matter alone.
            Err(error @ (CliError::Link(..) | CliError::Tenant(..))) => {
                note(&error.to_string())?;
                complete = false;
            }
            Err(error) => return Err(error),
        }
    }
    for what in &gathered.unseen {
        note(what)?;
    }
    complete &= gathered.unseen.is_empty();
    print(&plans, &laid.diagnostics, args.output, out)?;
    let made: Vec<&Plan> = plans.iter().map(|planned| &planned.made).collect();
    Ok(code(&made, args.deny_hazards, complete))
}

/// What the plans come to, as an exit status. A plan that does not see everything is no all-clear.
fn code(made: &[&Plan], deny_hazards: bool, complete: bool) -> ExitCode {
    let mut hazards = made.iter().flat_map(|made| &made.hazards);
    if deny_hazards && hazards.any(|hazard| !hazard.acknowledged) {
        ExitCode::from(3)
    } else if !complete || made.iter().any(|made| made.is_blocked()) {
        ExitCode::FAILURE
    } else if made.iter().all(|made| made.is_empty()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

/// One tenant's plan, and how it is shown.
struct Planned {
    heading: String,
    json: Value,
    made: Plan,
}

/// Prints plans as `dialtone plan` does.
fn print(
    plans: &[Planned],
    diagnostics: &Value,
    output: Output,
    out: &mut impl Write,
) -> Result<(), CliError> {
    match output {
        Output::Text => {
            for planned in plans {
                show::plan::write_plan(out, &planned.heading, &planned.made)?;
                writeln!(out)?;
            }
            // Where no tenant could be planned, nothing may read like an all-clear.
            if !plans.is_empty() {
                show::plan::write_summary(out, plans.iter().map(|planned| &planned.made))?;
            }
        }
        Output::Json => {
            let tenants: Vec<&Value> = plans.iter().map(|planned| &planned.json).collect();
            let document = json!({"tenants": tenants, "diagnostics": diagnostics});
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Manifests that are laid over what the cluster has.
struct Laid {
    manifests: Manifests,
    diagnostics: Value,
    /// No manifest has an error. Where one has, its tenant takes no part and the others go on.
    complete: bool,
    given: bool,
}

impl Laid {
    /// Reads the manifests that the arguments name, which may be none.
    fn read(args: &PlanArgs, namespace: &str) -> Result<Self, CliError> {
        let inputs = args.filename.iter().map(|name| match name.as_str() {
            "-" => Input::Stdin,
            path => Input::Path(path.into()),
        });
        let options = Options {
            namespace: namespace.to_owned(),
            in_cluster: true,
            ..Options::default()
        };
        let (mut manifests, found) = manifest::read(&inputs.collect::<Vec<_>>(), &options);
        complain(&found, args.output)?;
        let complete = usable(&found);
        if !complete {
            // An error that belongs to no tenant, such as broken YAML, may be about any of them.
            if !confined(&found) {
                return Err(CliError::Manifests);
            }
            manifests.keep_sound(&found);
        }
        Ok(Self {
            manifests,
            diagnostics: manifest::to_json(&found),
            complete,
            given: !args.filename.is_empty(),
        })
    }

    /// The tenants that are asked about: those that the manifests are about where there are any.
    async fn gather(&self, access: &Access, args: &PlanArgs) -> Result<Gathered, KubectlError> {
        let wanted = args.tenant.as_ref();
        if !self.given {
            return Gathered::read(access, &args.scope, wanted).await;
        }
        let mut gathered = Gathered::read(access, &args.scope, None).await?;
        let provided = overlay::provided(&self.manifests.references);
        let mut about = BTreeSet::new();
        for key in &gathered.tenants {
            let mut objects = gathered.view(key).resources.into_iter();
            if objects.any(|object| overlay::takes(&object, &provided)) {
                about.insert(key.clone());
            }
        }
        let objects = self.manifests.objects.iter();
        about.extend(objects.map(|object| tenant_of(&object.resource)));
        about.retain(|key| wanted.is_none_or(|wanted| wanted.fits(key)));
        gathered.start_over();
        for object in &self.manifests.objects {
            if opens(&object.resource) {
                gathered.open(key_of(&object.resource));
            }
        }
        for key in &about {
            gathered.include(access, key).await?;
        }
        Ok(gathered)
    }

    /// The tenants as the cluster has them.
    fn tenants(gathered: &Gathered) -> BTreeMap<ObjectKey, Auth0Tenant> {
        let objects = gathered.tenants.iter().filter_map(|key| {
            let object = gathered.registry.get(key)?;
            match object.as_ref() {
                Resource::Auth0Tenant(tenant) => Some((key.clone(), (**tenant).clone())),
                _ => None,
            }
        });
        objects.collect()
    }

    /// Lays the manifests over what was gathered. False where the API server would refuse one, which
    /// is told.
    fn lay(&self, gathered: &mut Gathered) -> Result<bool, CliError> {
        let mut whole = true;
        for object in &self.manifests.objects {
            let before = gathered.registry.get(&key_of(&object.resource));
            match overlay::applied(&object.resource, before.as_deref()) {
                Ok(after) => drop(gathered.registry.apply(after)),
                Err(why) => {
                    note(&format!("the cluster would refuse {why}"))?;
                    whole = false;
                }
            }
        }
        Ok(whole)
    }
}

/// Whether a manifest lets other namespaces use its tenant.
fn opens(manifest: &Resource) -> bool {
    let Resource::Auth0Tenant(tenant) = manifest else {
        return false;
    };
    let allowed = tenant.spec.allowed_namespaces.as_ref();
    allowed.is_some_and(|allowed| allowed.from != NamespacesFrom::Same)
}

/// What plans are made with.
struct Planner<'a> {
    access: &'a Access,
    endpoint: Option<&'a str>,
    laid: &'a References,
    fingerprints: FingerprintKey,
    tokens: Arc<TokenCache>,
}

impl Planner<'_> {
    /// The plan of one tenant, and whether everything was seen that it rests on.
    async fn plan(
        &self,
        key: &ObjectKey,
        tenant: &Auth0Tenant,
        view: &View,
    ) -> Result<(Planned, bool), CliError> {
        let cluster = self.access.cluster();
        let mut references = dereference(cluster, view)
            .await
            .map_err(KubectlError::from)?;
        overlay::replace(&mut references, self.laid);
        let objects = view.resources.iter().map(AsRef::as_ref);
        let desired = desire(tenant, objects, &references, &self.fingerprints);
        let mut seen = true;
        if let Some(rival) = &view.rival {
            note(&format!(
                "{key} is left alone by the operator: {rival} is older and has the same domain"
            ))?;
            seen = false;
        }
        if desired.suspended {
            note(&format!("{key} is suspended: it was not read"))?;
        }
        let place = Place::Remote(self.endpoint);
        let link = Link::http(tenant, &references, place, &self.tokens)
            .map_err(|error| CliError::Link(key.to_string(), error))?;
        let observed = observed(&link, key, &desired).await?;
        let made = plan(&desired, &observed, &Policy::of(tenant));
        let domain = &tenant.spec.domain;
        let planned = Planned {
            heading: format!("{key} ({domain})"),
            json: show::json::plan(key, domain, &made),
            made,
        };
        Ok((planned, seen))
    }
}

/// The operator's key of fingerprints. Without it nothing tells whether a tenant holds the secrets
/// that it should, and a key of this run's own makes each of them a write.
async fn fingerprint_key(access: &Access, namespace: &str) -> Result<FingerprintKey, CliError> {
    let known = access.cluster().known_fingerprint_key(namespace).await;
    let why = match known {
        Ok(Some(key)) => return Ok(key),
        Ok(None) => "it is not there; --operator-namespace says where the operator runs".to_owned(),
        Err(error) => error.to_string(),
    };
    note(&format!(
        "without the key of fingerprints of namespace {namespace} secrets count as not written yet: \
         {why}"
    ))?;
    let bytes = random::bytes::<32>();
    let bytes = bytes.map_err(|error| KubectlError::Refused(error.to_string()))?;
    Ok(FingerprintKey::from_bytes(bytes))
}
