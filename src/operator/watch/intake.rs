//! From what the watches tell to what is known.

use std::collections::{BTreeMap, BTreeSet};

use tracing::debug;

use super::{Notice, Seen, Source, Subject, Told};
use crate::operator::registry::{Mention, Registry, Wakes};
use crate::phone::action::ObjectKey;

/// Takes notices into a registry, and knows when every watch has told all there is.
#[derive(Debug, Default)]
pub struct Intake {
    waiting: BTreeSet<Source>,
    /// Of lists under way: what the registry held and the list did not name yet.
    missing: BTreeMap<Source, Missing>,
    /// Why a watch told nothing lately.
    failing: BTreeMap<Source, String>,
}

#[derive(Debug, Default)]
struct Missing {
    objects: BTreeSet<ObjectKey>,
    mentions: BTreeSet<Mention>,
    namespaces: BTreeSet<String>,
}

impl Intake {
    /// For these watches, of which none has told anything yet.
    #[must_use]
    pub fn new(sources: BTreeSet<Source>) -> Self {
        Self {
            waiting: sources,
            ..Self::default()
        }
    }

    /// Whether every watch has told all there is, once: before that nothing may be concluded from
    /// what is not known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What is not known yet, and why: a reason that several share is said once.
    #[must_use]
    pub fn waits_for(&self) -> String {
        let mut by_reason: BTreeMap<Option<&String>, Vec<String>> = BTreeMap::new();
        for source in &self.waiting {
            let sources = by_reason.entry(self.failing.get(source)).or_default();
            sources.push(source.to_string());
        }
        let told = by_reason.into_iter().map(|(why, sources)| {
            let sources = sources.join(", ");
            why.map_or_else(|| sources.clone(), |why| format!("{sources} ({why})"))
        });
        told.collect::<Vec<_>>().join("; ")
    }

    /// Takes a notice up, and returns the tenants that it concerns.
    pub fn take(&mut self, notice: Notice, registry: &mut Registry) -> Wakes {
        let Notice { source, told } = notice;
        if !matches!(told, Told::Begin | Told::Failed(_)) {
            self.failing.remove(&source);
        }
        match told {
            Told::Failed(why) => {
                self.failing.insert(source, why);
                Wakes::new()
            }
            Told::Begin => {
                let missing = Missing::of(&source, registry);
                if let Subject::Objects(kind) = source.subject {
                    registry.begin_list(kind, source.namespace.as_deref());
                }
                self.missing.insert(source, missing);
                Wakes::new()
            }
            Told::Listed(seen) => {
                if let Some(missing) = self.missing.get_mut(&source) {
                    missing.strike(&seen);
                }
                match seen {
                    Seen::Object(_, Some(resource)) => registry.listed(*resource),
                    seen => take_up(seen, registry),
                }
            }
            Told::Changed(seen) => take_up(seen, registry),
            Told::Complete => {
                debug!(%source, "listed");
                if let Subject::Objects(kind) = source.subject {
                    registry.end_list(kind, source.namespace.as_deref());
                }
                self.waiting.remove(&source);
                let missing = self.missing.remove(&source).unwrap_or_default();
                missing.gone(registry)
            }
        }
    }
}

fn take_up(seen: Seen, registry: &mut Registry) -> Wakes {
    match seen {
        Seen::Object(_, Some(resource)) => registry.apply(*resource),
        Seen::Object(key, None) => registry.remove(&key),
        // What was known of it stays.
        Seen::Unreadable(_) => Wakes::new(),
        Seen::Mention(mention, version) => registry.mentioned(&mention, version.as_deref()),
        Seen::Namespace(name, state) => registry.namespace(&name, state),
    }
}

impl Missing {
    fn of(source: &Source, registry: &Registry) -> Self {
        let namespace = source.namespace.as_deref();
        let within = |mention: &Mention| namespace.is_none_or(|name| mention.namespace() == name);
        let mentions = |secrets: bool| {
            let all = registry.mentions().into_iter();
            all.filter(|it| matches!(it, Mention::Secret { .. }) == secrets && within(it))
                .collect()
        };
        match source.subject {
            Subject::Objects(kind) => Self {
                objects: registry.keys(kind, namespace),
                ..Self::default()
            },
            Subject::Secrets => Self {
                mentions: mentions(true),
                ..Self::default()
            },
            Subject::ConfigMaps => Self {
                mentions: mentions(false),
                ..Self::default()
            },
            Subject::Namespaces => Self {
                namespaces: registry.namespaces(),
                ..Self::default()
            },
        }
    }

    fn strike(&mut self, seen: &Seen) {
        match seen {
            Seen::Object(key, _) | Seen::Unreadable(key) => self.objects.remove(key),
            Seen::Mention(mention, _) => self.mentions.remove(mention),
            Seen::Namespace(name, _) => self.namespaces.remove(name),
        };
    }

    /// What a complete list did not name is gone.
    fn gone(self, registry: &mut Registry) -> Wakes {
        let mut wakes = Wakes::new();
        for key in self.objects {
            wakes.extend(registry.remove(&key));
        }
        for mention in self.mentions {
            wakes.extend(registry.mentioned(&mention, None));
        }
        for name in self.namespaces {
            wakes.extend(registry.namespace(&name, None));
        }
        wakes
    }
}
