//! The way to the API server: a kubeconfig or a service account, and the proxy between.

use std::path::Path;

use hyper_util::client::proxy::matcher::Matcher;
use kube::Config;
use kube::config::{InClusterError, KubeConfigOptions, Kubeconfig, KubeconfigError};
use url::{Host, Url};

/// Why there is no way to an API server.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// The kubeconfig cannot be used.
    #[error(transparent)]
    Kubeconfig(KubeconfigError),
    /// There is neither a kubeconfig nor a service account.
    #[error("no kubeconfig ({kubeconfig}), and no service account of a Pod ({in_cluster})")]
    Neither {
        /// What is wrong with the kubeconfig.
        kubeconfig: KubeconfigError,
        /// What is wrong with the service account.
        in_cluster: InClusterError,
    },
    /// Which hosts are reached without a proxy cannot be read.
    #[error(
        "NO_PROXY cannot be read: {0}; it takes host names, addresses and ranges such as 10.0.0.0/8, \
         with commas between them and no empty entry"
    )]
    NoProxy(String),
    /// The address of the proxy is none. It is not repeated: a password may be in it.
    #[error("the proxy that {0} names is no URL, such as http://proxy.example.com:3128")]
    Proxy(&'static str),
}

/// How the API server is reached: as the kubeconfig in `path`, or that of `KUBECONFIG` or
/// `~/.kube/config`, has it for the context or the current one; in a Pod without any by its service
/// account, and then without a proxy.
///
/// # Errors
///
/// [`WayError`] where nothing tells how.
pub async fn way(path: Option<&Path>, context: Option<&str>) -> Result<Config, WayError> {
    let options = KubeConfigOptions {
        context: context.map(str::to_owned),
        ..KubeConfigOptions::default()
    };
    let read = match path {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let loaded = match read {
        Ok(mut file) => {
            let named = take_named(&mut file, context);
            let config = Config::from_custom_kubeconfig(file, &options).await;
            config.map(|config| (informed(config, named.clone()), named))
        }
        Err(error) => Err(error),
    };
    let given = path.is_some() || context.is_some();
    match loaded {
        Ok((mut config, named)) => {
            if !given {
                config.apply_debug_overrides();
            }
            let variable = |name: &str| std::env::var(name).ok();
            let cluster = config.cluster_url.to_string();
            config.proxy_url = match proxy(named.as_deref(), &cluster, variable)? {
                Some((whose, url)) => Some(url.parse().map_err(|_| WayError::Proxy(whose))?),
                None => None,
            };
            Ok(config)
        }
        Err(KubeconfigError::ParseNoProxy(error)) => Err(WayError::NoProxy(error.to_string())),
        Err(error) if given => Err(WayError::Kubeconfig(error)),
        Err(kubeconfig) => {
            let mut config = Config::incluster().map_err(|in_cluster| WayError::Neither {
                kubeconfig,
                in_cluster,
            })?;
            config.apply_debug_overrides();
            Ok(config)
        }
    }
}

/// Takes out of a kubeconfig the proxy that it names for a context. Where kube finds one it reads
/// `NO_PROXY`, which is nothing to that proxy, and fails by an empty entry.
fn take_named(file: &mut Kubeconfig, context: Option<&str>) -> Option<String> {
    let context = context.or(file.current_context.as_deref())?;
    let contexts = file.contexts.iter().filter(|it| it.name == context);
    let name = &contexts.map(|it| it.context.as_ref()).next()??.cluster;
    let mut clusters = file.clusters.iter_mut().filter(|it| it.name == *name);
    let cluster = clusters.next()?.cluster.as_mut()?;
    cluster.proxy_url.take().filter(|url| !url.is_empty())
}

/// A program that gives credentials may ask for what is known of the cluster: the proxy as well.
fn informed(mut config: Config, named: Option<String>) -> Config {
    let program = config.auth_info.exec.as_mut();
    if let Some(cluster) = program.and_then(|it| it.cluster.as_mut()) {
        cluster.proxy_url = named;
    }
    config
}

/// The proxy to an API server, with what names it, by the rules of kubectl: that of the kubeconfig
/// whatever the environment says, or else that of the environment, for what is on another machine and
/// what `NO_PROXY` does not cover. kube by itself holds `NO_PROXY` against the proxy's own address,
/// and asks it for what is on this machine (kube-client 5.0.0, `ConfigLoader::proxy_url`).
fn proxy(
    named: Option<&str>,
    cluster: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<(&'static str, String)>, WayError> {
    const VARIABLE: &str = "HTTPS_PROXY";
    if let Some(named) = named {
        return Ok(Some(("the kubeconfig", named.to_owned())));
    }
    let first = |names: [&str; 2]| {
        let mut values = names.into_iter().filter_map(&variable);
        values.find(|value| !value.trim().is_empty())
    };
    let Some(url) = first([VARIABLE, "https_proxy"]) else {
        return Ok(None);
    };
    let url = match url.trim() {
        whole if whole.contains("://") => whole.to_owned(),
        host => format!("http://{host}"),
    };
    let target = Url::parse(cluster).ok();
    let target = target.filter(|target| target.scheme() == "https" && !is_here(target));
    let Some(target) = target else {
        return Ok(None);
    };
    let direct = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let direct = for_port(&direct, target.port_or_known_default());
    let Ok(target) = target.as_str().parse() else {
        return Ok(None);
    };
    // Which proxy is asked is not told by the matcher: it would lose the password.
    let matcher = Matcher::builder().https("http://proxy").no(direct).build();
    if matcher.intercept(&target).is_none() {
        return Ok(None);
    }
    Url::parse(&url).map_err(|_| WayError::Proxy(VARIABLE))?;
    Ok(Some((VARIABLE, url)))
}

/// The entries of `NO_PROXY` that are about this port, without it: the matcher knows no ports, and takes
/// `api.example.com:6443` for a name.
fn for_port(direct: &str, port: Option<u16>) -> String {
    let entry = |entry: &str| -> Option<String> {
        let entry = entry.trim();
        let Some((host, digits)) = entry.rsplit_once(':') else {
            return Some(entry.to_owned());
        };
        // The colons of an address of version 6 are its own, unless it stands in brackets.
        let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let whole = host.contains(':') && bare.is_none();
        match digits.parse::<u16>() {
            Ok(own) if !whole => (Some(own) == port).then(|| bare.unwrap_or(host).to_owned()),
            _ => Some(entry.to_owned()),
        }
    };
    let entries: Vec<String> = direct.split(',').filter_map(entry).collect();
    entries.join(",")
}

/// Whether an address is of this machine, to which no proxy leads.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://user:pass@proxy.corp:3128");

    fn chosen(named: Option<&str>, cluster: &str, set: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let mut all = set.iter().filter(|(key, _)| *key == name);
            all.next().map(|(_, value)| (*value).to_owned())
        };
        proxy(named, cluster, variable).unwrap().map(|(_, url)| url)
    }

    #[test]
    fn an_api_server_on_another_machine_is_reached_by_the_proxy_of_the_environment() {
        let found = chosen(None, "https://api.example.com:6443/", &[PROXY]);
        assert_eq!(found.as_deref(), Some(PROXY.1));
        let found = chosen(None, "https://10.0.0.1/", &[("https_proxy", "proxy:3128")]);
        assert_eq!(found.as_deref(), Some("http://proxy:3128"));
        assert_eq!(
            chosen(None, "https://10.0.0.1/", &[("HTTPS_PROXY", "")]),
            None
        );
    }

    #[test]
    fn what_no_proxy_covers_is_reached_without_the_proxy_and_nothing_else_is() {
        for (cluster, covers) in [
            ("https://api.example.com:6443/", "example.com"),
            ("https://api.example.com:6443/", "localhost, .example.com"),
            ("https://10.0.3.4:6443/", "10.0.0.0/8"),
            ("https://[fd00::1]/", "fd00::/8"),
            ("https://api.example.com/", "*"),
            ("https://api.example.com:6443/", "api.example.com:6443"),
            ("https://api.example.com/", "other, .example.com:443"),
            ("https://10.0.3.4:6443/", "10.0.3.4:6443"),
            ("https://[fd00::1]:6443/", "[fd00::1]:6443"),
            ("https://[fd00::1]:6443/", "fd00::1"),
        ] {
            for name in ["NO_PROXY", "no_proxy"] {
                let set = [PROXY, (name, covers)];
                assert_eq!(chosen(None, cluster, &set), None, "{cluster} {covers}");
            }
        }
        for other in [
            ".corp",
            "proxy.corp",
            "10.0.0.0/8",
            "ample.com",
            "api.example.com:443",
            "[fd00::1]:6443",
        ] {
            let set = [PROXY, ("NO_PROXY", other)];
            let found = chosen(None, "https://api.example.com:6443/", &set);
            assert_eq!(found.as_deref(), Some(PROXY.1), "{other}");
        }
    }

    #[test]
    fn an_api_server_on_this_machine_is_reached_without_a_proxy() {
        for cluster in [
            "https://127.0.0.1:6443/",
            "https://[::1]:6443/",
            "https://localhost:6443/",
        ] {
            assert_eq!(chosen(None, cluster, &[PROXY]), None, "{cluster}");
        }
    }

    #[test]
    fn the_proxy_of_the_kubeconfig_is_taken_whatever_the_environment_says() {
        let set = [PROXY, ("NO_PROXY", "*")];
        let named = Some("socks5://127.0.0.1:1080");
        let found = chosen(named, "https://127.0.0.1:6443/", &set);
        assert_eq!(found.as_deref(), named);
    }

    #[tokio::test]
    async fn a_program_that_gives_credentials_learns_the_proxy_that_the_kubeconfig_names() {
        let text = r#"{"current-context": "own",
            "contexts": [{"name": "own", "context": {"cluster": "far", "user": "me"}}],
            "clusters": [
                {"name": "near", "cluster": {"server": "https://a", "proxy-url": "http://near:1"}},
                {"name": "far", "cluster": {"server": "https://b", "proxy-url": "http://far:1"}}],
            "users": [{"name": "me", "user": {"exec": {"command": "login",
                "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
                "provideClusterInfo": true}}}]}"#;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let config = way(Some(file.path()), None).await.unwrap();
        assert_eq!(config.proxy_url.unwrap().to_string(), "http://far:1/");
        let program = config.auth_info.exec.unwrap().cluster.unwrap();
        assert_eq!(program.proxy_url.as_deref(), Some("http://far:1"));
    }

    #[test]
    fn a_proxy_that_is_no_url_is_told_without_its_password() {
        let variable =
            |name: &str| (name == "HTTPS_PROXY").then(|| "http://user:pass@host:port".to_owned());
        let told = proxy(None, "https://10.0.0.1/", variable).unwrap_err();
        let told = told.to_string();
        assert!(
            told.contains("HTTPS_PROXY") && !told.contains("pass"),
            "{told}"
        );
    }
}
