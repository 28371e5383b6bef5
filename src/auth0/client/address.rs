//! Where a tenant is reached.

use std::fmt;

use url::{Host, Url};

/// A domain or an endpoint that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The domain is not a plain host name.
    #[error("the domain must be a host name such as acme.eu.auth0.com, without scheme or path")]
    Domain,
    /// The endpoint says neither `https://` nor `http://`.
    #[error("the endpoint must begin with https://, or with http:// for a simulated tenant")]
    Scheme,
    /// The endpoint is not an HTTP address.
    #[error(
        "the endpoint must be an address such as https://login.example.com, without credentials, \
         query and fragment"
    )]
    Endpoint,
}

/// The address that paths are appended to.
#[derive(Clone, Debug)]
pub(super) struct Base {
    url: Url,
    /// Without a slash at the end.
    text: String,
}

impl Base {
    /// `https://{domain}`, or the endpoint in its stead.
    pub(super) fn new(domain: &str, endpoint: Option<&str>) -> Result<Self, AddressError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if !domain.chars().all(plain) {
            return Err(AddressError::Domain);
        }
        let canonical = format!("https://{domain}/");
        let parsed = Url::parse(&canonical).map_err(|_| AddressError::Domain)?;
        if parsed.as_str() != canonical.to_ascii_lowercase() {
            return Err(AddressError::Domain);
        }
        let Some(endpoint) = endpoint else {
            return Ok(Self::of(parsed));
        };
        // Without one the URL may be read as relative, or its host as the scheme.
        let lower = endpoint.to_ascii_lowercase();
        if !["http://", "https://"]
            .iter()
            .any(|it| lower.starts_with(it))
        {
            return Err(AddressError::Scheme);
        }
        let url = Url::parse(endpoint).map_err(|_| AddressError::Endpoint)?;
        let bare = url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if bare {
            Ok(Self::of(url))
        } else {
            Err(AddressError::Endpoint)
        }
    }

    fn of(url: Url) -> Self {
        let text = url.as_str().trim_end_matches('/').to_owned();
        Self { url, text }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the connection is not encrypted.
    pub(super) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether the host is this machine, to which no proxy leads.
    pub(super) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The address of a path and a query. `None` where parsing would lead elsewhere, as `..` does:
    /// identifiers come from manifests.
    pub(super) fn join(&self, path: &str, query: &[(String, String)]) -> Option<Url> {
        let whole = format!("{}{path}", self.text);
        let mut url = Url::parse(&whole).ok()?;
        let only_path = url.query().is_none() && url.fragment().is_none();
        if url.as_str() != whole || !only_path || !path.starts_with('/') {
            return None;
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Some(url)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_name_and_nothing_else() {
        for domain in [
            "acme.eu.auth0.com",
            "Acme.auth0.com",
            "localhost:8443",
            "127.0.0.1:1",
        ] {
            assert!(Base::new(domain, None).is_ok(), "{domain}");
        }
        for domain in [
            "",
            "https://acme.auth0.com",
            "acme.auth0.com/",
            "acme.auth0.com/x",
            "a b",
            "u:p@host",
            "host?x",
            "host#x",
            "host\\x",
        ] {
            assert_eq!(
                Base::new(domain, None).err(),
                Some(AddressError::Domain),
                "{domain}"
            );
        }
    }

    #[test]
    fn an_endpoint_stands_in_for_the_domain_and_may_have_a_path() {
        let base = |endpoint| Base::new("acme.auth0.com", Some(endpoint));
        assert_eq!(
            base("http://127.0.0.1:8080/").unwrap().as_str(),
            "http://127.0.0.1:8080"
        );
        let nested = base("https://gateway.example/auth0/").unwrap();
        let url = nested.join("/api/v2/clients", &[]).unwrap();
        assert_eq!(url.as_str(), "https://gateway.example/auth0/api/v2/clients");
        for endpoint in ["acme", "localhost:8080", "ftp://x", "/x", ""] {
            assert_eq!(
                base(endpoint).err(),
                Some(AddressError::Scheme),
                "{endpoint}"
            );
        }
        assert!(base("HTTPS://x").is_ok());
        for endpoint in ["https://", "https://u:p@x", "https://x?y", "https://x#y"] {
            assert_eq!(
                base(endpoint).err(),
                Some(AddressError::Endpoint),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn loopback_is_recognised() {
        let loopback = |endpoint| {
            Base::new("acme.auth0.com", Some(endpoint))
                .unwrap()
                .is_loopback()
        };
        assert!(loopback("http://localhost:1"));
        assert!(loopback("http://127.0.0.2:1"));
        assert!(loopback("http://[::1]:1"));
        assert!(!loopback("http://localhost.example"));
        assert!(!loopback("http://10.0.0.1"));
    }

    #[test]
    fn a_path_cannot_lead_elsewhere() {
        let base = Base::new("acme.auth0.com", None).unwrap();
        for path in [
            "/api/v2/clients/../tenants",
            "/api/v2/%2e%2e/x",
            "/a?b",
            "/a#b",
            "x",
            "@evil/",
        ] {
            let url = base.join(path, &[]);
            assert!(url.is_none_or(|url| url.path() == path), "{path}");
        }
        let query = [
            ("strategy".to_owned(), "sms".to_owned()),
            ("q".to_owned(), "a&b".to_owned()),
        ];
        assert_eq!(
            base.join("/api/v2/connections", &query).unwrap().as_str(),
            "https://acme.auth0.com/api/v2/connections?strategy=sms&q=a%26b"
        );
    }
}
