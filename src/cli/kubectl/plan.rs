//! `kubectl dialtone plan`: what would change, from the objects of a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::access::{Access, ClusterArgs, KubectlError};
use super::gather::{Gathered, ScopeArgs};
use super::named::TenantName;
use super::trust;
use crate::api::{Auth0Tenant, NamespacesFrom, Resource};
use crate::auth0::connect::Place;
use crate::auth0::random;
use crate::auth0::token::TokenCache;
use crate::cli::check::FormatArgs;
use crate::cli::failure::CliError;
use crate::cli::link::Link;
use crate::cli::manifests::{Sound, inputs};
use crate::cli::plan::base::Base;
use crate::cli::plan::{Made, observed};
use crate::cli::{note, overlay};
use crate::manifest::{self, Manifests, Options};
use crate::operator::dereference::dereference;
use crate::operator::registry::View;
use crate::phone::action::ObjectKey;
use crate::phone::desire::{References, desire, key_of, tenant_of};
use crate::phone::plan::Plan;
use crate::phone::secret::FingerprintKey;
use crate::phone::succession::{leaving, plans};

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
    /// The manifests as they were before the change: what the cluster has of theirs, and is not among
    /// those that are laid over it any more, is planned as deleted.
    #[arg(long, value_name = "PATH", requires = "filename")]
    base: Vec<String>,
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
    #[command(flatten)]
    forms: FormatArgs,
}

/// Reads objects and tenants, and prints the plan.
///
/// # Errors
///
/// [`CliError`] where objects or manifests cannot be used, or a tenant cannot be read.
pub async fn run(
    cluster: &ClusterArgs,
    args: PlanArgs,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let mut made = Made::empty();
    let result = Box::pin(make(cluster, &args, &mut made)).await;
    made.end(result, &args.forms, args.deny_hazards, out)
}

async fn make(cluster: &ClusterArgs, args: &PlanArgs, made: &mut Made) -> Result<(), CliError> {
    let access = Access::new(cluster).await?;
    let laid = Laid::read(args, access.namespace(), made)?;
    let mut gathered = laid.gather(&access, args).await?;
    if gathered.tenants.is_empty() && !laid.given {
        let place = args.scope.described(access.namespace());
        let message = format!(
            "there is no Auth0Tenant in {place}, and no object that names one: -n names another \
             namespace, and -A looks in all"
        );
        made.lacks("", &message)?;
    }
    // Whoever names the endpoint on the command line says where credentials go.
    let trusting = args.trust_files || args.endpoint.is_some();
    let known = (!trusting).then(|| Laid::tenants(&gathered));
    laid.lay(&mut gathered, made)?;
    laid.take_away(&mut gathered, Timestamp::now())?;
    let source = Planner {
        fingerprints: fingerprint_key(&access, &args.operator_namespace, made).await?,
        access: &access,
        endpoint: args.endpoint.as_deref(),
        laid: &laid.manifests.references,
        known,
        tokens: Arc::new(TokenCache::new()),
    };
    for key in gathered.tenants.clone() {
        gathered.labels(&access, &key).await?;
        let view = gathered.view(&key);
        let about = key.to_string();
        let Some(Resource::Auth0Tenant(tenant)) = view.tenant.as_deref() else {
            let hidden = gathered.hidden.get(&key).cloned();
            let why =
                hidden.unwrap_or_else(|| format!("there is no {key}: its objects wait for it"));
            made.lacks(&about, &why)?;
            continue;
        };
        match source.plans(&key, tenant, &view, made).await {
            Ok(mut plans) => {
                if let Some(base) = &laid.base {
                    let gone = |object: &ObjectKey| gathered.registry.get(object).is_none();
                    base.acknowledge(&key, gone, &mut plans);
                }
                made.add(&key, &tenant.spec.domain, plans, args.deny_hazards);
            }
            Err(error) => made.without(&key, error)?,
        }
    }
    for what in gathered.unseen() {
        made.lacks("", what)?;
    }
    Ok(())
}

/// Manifests that are laid over what the cluster has.
struct Laid {
    manifests: Manifests,
    /// The manifests before the change, where they are given.
    base: Option<Base>,
    /// The objects whose manifests were taken away.
    removed: Vec<Resource>,
    given: bool,
}

impl Laid {
    /// Reads the manifests that the arguments name, which may be none.
    fn read(args: &PlanArgs, namespace: &str, made: &mut Made) -> Result<Self, CliError> {
        let options = Options {
            namespace: namespace.to_owned(),
            in_cluster: true,
            ..Options::default()
        };
        let read = manifest::read(&inputs(&args.filename), &options);
        let (sheet, root) = (&mut made.sheet, &made.places.root);
        sheet.reads(&args.filename, root);
        let sound = Sound::of(read, args.forms.complaints(), |found| {
            sheet.diagnostics(found, root);
        })?;
        made.errors |= !sound.complete;
        made.diagnostics = manifest::to_json(&sound.diagnostics);
        made.places.sources = Sound::sources(&sound.manifests);
        let base = Base::given(&args.base, namespace)?;
        if let Some(unread) = base.as_ref().and_then(|base| base.unread.as_ref()) {
            made.lacks("", unread)?;
        }
        let objects = sound.manifests.objects.iter();
        let present = objects.map(|object| key_of(&object.resource)).collect();
        let removed = base.iter();
        let removed = removed.flat_map(|base| base.removed(&present, &sound.diagnostics));
        let removed = removed.cloned().collect();
        Ok(Self {
            base,
            removed,
            manifests: sound.manifests,
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
        about.extend(self.removed.iter().map(tenant_of));
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

    /// Lays the manifests over what was gathered, and tells where the API server would refuse one.
    fn lay(&self, gathered: &mut Gathered, made: &mut Made) -> Result<(), CliError> {
        for object in &self.manifests.objects {
            let key = key_of(&object.resource);
            let before = gathered.registry.get(&key);
            let earlier = self.base.as_ref().and_then(|base| base.object(&key));
            match overlay::applied(&object.resource, earlier, before.as_deref()) {
                Ok(after) => drop(gathered.registry.apply(after)),
                Err(why) => {
                    made.lacks(&key.to_string(), &format!("the cluster would refuse {why}"))?;
                }
            }
        }
        Ok(())
    }

    /// Takes away what the cluster has of the objects whose manifests were taken away: what Dialtone
    /// deletes in Auth0 is being deleted, and the rest is gone.
    fn take_away(&self, gathered: &mut Gathered, now: Timestamp) -> io::Result<()> {
        let is_tenant = |it: &&Resource| matches!(it, Resource::Auth0Tenant(_));
        for gone in self.removed.iter().filter(|it| !is_tenant(it)) {
            let key = key_of(gone);
            let Some(before) = gathered.registry.get(&key) else {
                continue;
            };
            let tenant = gathered.registry.get(&tenant_of(&before));
            let leaving = match tenant.as_deref() {
                Some(Resource::Auth0Tenant(tenant)) => leaving(&before, tenant, now),
                _ => None,
            };
            match leaving {
                Some(leaving) => drop(gathered.registry.apply(leaving)),
                None => drop(gathered.registry.remove(&key)),
            }
        }
        for gone in self.removed.iter().filter(is_tenant) {
            let key = key_of(gone);
            let objects = gathered.view(&key).resources;
            let leaving = |it: &Resource| it.metadata().deletion_timestamp.is_some();
            // The tenant may go last: what is deleted in it needs it until then.
            if gathered.registry.get(&key).is_some() && !objects.iter().any(|it| leaving(it)) {
                gathered.registry.remove(&key);
                if !gathered.registry.has(&key) {
                    note(&format!(
                        "{key} goes with its objects, and what they set up stays in Auth0"
                    ))?;
                }
            }
        }
        // Of what the cluster does not have there is nothing to plan.
        let (registry, hidden) = (&gathered.registry, &gathered.hidden);
        let about = |key: &ObjectKey| self.removed.iter().any(|it| tenant_of(it) == *key);
        gathered
            .tenants
            .retain(|key| registry.has(key) || hidden.contains_key(key) || !about(key));
        Ok(())
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
    /// The tenants as the cluster has them, where credentials must not go elsewhere.
    known: Option<BTreeMap<ObjectKey, Auth0Tenant>>,
    fingerprints: FingerprintKey,
    tokens: Arc<TokenCache>,
}

impl Planner<'_> {
    /// The plans of one tenant.
    async fn plans(
        &self,
        key: &ObjectKey,
        tenant: &Auth0Tenant,
        view: &View,
        made: &mut Made,
    ) -> Result<Vec<Plan>, CliError> {
        let cluster = self.access.cluster();
        if let Some(known) = &self.known {
            trust::may_send(known.get(key), tenant, &overlay::provided(self.laid))
                .map_err(|why| CliError::Untrusted(key.to_string(), why))?;
        }
        let mut references = dereference(cluster, view)
            .await
            .map_err(KubectlError::from)?;
        overlay::replace(&mut references, self.laid);
        let objects: Vec<&Resource> = view.resources.iter().map(AsRef::as_ref).collect();
        let desired = desire(
            tenant,
            objects.iter().copied(),
            &references,
            &self.fingerprints,
        );
        if let Some(rival) = &view.rival {
            let left = format!(
                "{key} is left alone by the operator: {rival} is older and has the same domain"
            );
            made.lacks(&key.to_string(), &left)?;
        }
        if desired.suspended {
            made.suspended(key)?;
        }
        let place = Place::Remote(self.endpoint);
        let link = Link::http(tenant, &references, place, &self.tokens)
            .map_err(|error| CliError::Link(key.to_string(), error))?;
        let observed = observed(&link, key, &desired).await?;
        Ok(plans(
            tenant,
            &objects,
            &references,
            &self.fingerprints,
            &observed,
        ))
    }
}

/// The operator's key of fingerprints. Without it nothing tells whether a tenant holds the secrets
/// that it should, and a key of this run's own makes each of them a write.
async fn fingerprint_key(
    access: &Access,
    namespace: &str,
    made: &mut Made,
) -> Result<FingerprintKey, CliError> {
    let known = access.cluster().known_fingerprint_key(namespace).await;
    let why = match known {
        Ok(Some(key)) => return Ok(key),
        Ok(None) => "it is not there; --operator-namespace says where the operator runs".to_owned(),
        Err(error) => error.to_string(),
    };
    made.reserve(&format!(
        "without the key of fingerprints of namespace {namespace} secrets count as not written yet: \
         {why}"
    ))?;
    let bytes = random::bytes::<32>();
    let bytes = bytes.map_err(|error| KubectlError::Refused(error.to_string()))?;
    Ok(FingerprintKey::from_bytes(bytes))
}
