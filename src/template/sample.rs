//! Values to preview a template with.

use serde_json::{Value, json};

use super::TemplateType;

/// The variables that Auth0 gives to a template of this type (§4.5), with values that are made up.
#[must_use]
pub fn variables(template_type: TemplateType) -> Value {
    let mut variables = json!({
        "code": "123456",
        "pause": "",
        "tenant": "acme",
        "friendly_name": "Acme",
        "support_email": "support@acme.example",
        "support_url": "https://acme.example/support",
        "logo_url": "https://acme.example/logo.png",
        "home_url": "https://acme.example",
        "region": "eu",
        "locale": "en",
        "connection": "Username-Password-Authentication",
        "user": {
            "name": "Ada Lovelace",
            "nickname": "ada",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "picture": "https://acme.example/ada.png",
            "login_count": 3,
            "email": "ada@acme.example",
            "email_verified": true,
            "phone_number": "+15550100",
            "phone_verified": true,
            "multifactor": ["guardian"],
            "source_ip": "203.0.113.9",
            "country": "FR",
            "city": "Lyon",
            "user_metadata": {},
            "app_metadata": {}
        },
        "client": {"name": "Web", "clientID": "AbCdEfGhIjKlMnOpQrStUvWxYz012345", "metadata": {}},
        "application": {
            "name": "Web",
            "clientID": "AbCdEfGhIjKlMnOpQrStUvWxYz012345",
            "client_metadata": {}
        },
        "organization": {
            "id": "org_0123456789abcdef",
            "name": "acme-org",
            "display_name": "Acme",
            "metadata": {},
            "branding": {
                "logo_url": "https://acme.example/logo.png",
                "colors": {"primary": "#0059d6", "page_background": "#000000"}
            }
        },
        "custom_domain": {"domain": "login.acme.example", "domain_metadata": {}}
    });
    if !template_type.carries_code()
        && let Some(map) = variables.as_object_mut()
    {
        map.shift_remove("code");
        map.shift_remove("pause");
    }
    variables
}
