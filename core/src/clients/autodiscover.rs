//! What Outlook is answered, "plain old XML" as in [MS-OXDSCLI] §2.2.4.

use super::xml::{Element, document};
use super::{ClientSettings, Form, FormError, HostName, Security};

/// Stands where the address of whoever asks belongs: the web server puts it in.
pub(super) const ADDRESS: &str = "%EMAILADDRESS%";

const OUTER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const INNER: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

/// The answer. Outlook takes one server of each kind: the first.
pub(super) fn xml(settings: &ClientSettings) -> Result<String, FormError> {
    let form = Form::Autodiscover;
    let incoming = settings.incoming.as_ref().ok_or(FormError::NoIncoming { form })?;
    let first = settings.first().ok_or(FormError::NoPort)?;
    // Without a name of its own the program would log in with what stands before the `@`.
    let user = settings.address.as_ref().map_or(ADDRESS, |address| address.as_str());
    let account = Element::of(
        "Account",
        vec![
            Element::text("AccountType", "email"),
            Element::text("Action", "settings"),
            protocol("IMAP", &incoming.host, incoming.port, incoming.security, user),
            protocol("SMTP", &settings.host, first.port, first.security, user),
        ],
    );
    let response = Element::of("Response", vec![account]).with("xmlns", INNER);
    let root = Element::of("Autodiscover", vec![response]).with("xmlns", OUTER);
    Ok(document(None, &root)?)
}

fn protocol(kind: &str, host: &HostName, port: u16, security: Security, user: &str) -> Element {
    // `TLS` is STARTTLS there. It overrules `SSL`, which only programs older than it read: those fail, and show nothing.
    let encryption = match security {
        Security::Implicit => "SSL",
        Security::Starttls => "TLS",
    };
    Element::of(
        "Protocol",
        vec![
            Element::text("Type", kind),
            Element::text("Server", host.as_str()),
            Element::text("Port", port.to_string()),
            Element::text("LoginName", user),
            Element::text("DomainRequired", "off"),
            Element::text("SPA", "off"),
            Element::text("SSL", "on"),
            Element::text("Encryption", encryption),
            Element::text("AuthRequired", "on"),
        ],
    )
}
