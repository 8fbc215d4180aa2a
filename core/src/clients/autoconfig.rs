//! The file that Thunderbird and its kin fetch: <https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat>.

use super::xml::{Element, document};
use super::{ClientSettings, Form, FormError, HostName, Security};

/// The address of whoever sets up an account: the program puts it in.
const ADDRESS: &str = "%EMAILADDRESS%";

/// Programs need not show more of a provider's name (draft-ietf-mailmaint-autoconfig, "displayName").
const LONGEST_NAME: usize = 60;

/// The file for everybody in the domain. Servers stand in the order in which programs are to try them.
pub(super) fn xml(settings: &ClientSettings) -> Result<String, FormError> {
    let form = Form::Autoconfig;
    let incoming = settings.incoming.as_ref().ok_or(FormError::NoIncoming { form })?;
    if settings.outgoing.is_empty() {
        return Err(FormError::NoPort);
    }
    let domain = settings.domain.as_str();
    let name: String = domain.chars().take(LONGEST_NAME).collect();
    let mut provider = vec![
        Element::text("domain", domain),
        Element::text("displayName", name),
        server(
            "incomingServer",
            "imap",
            &incoming.host,
            incoming.port,
            incoming.security,
        ),
    ];
    for outgoing in &settings.outgoing {
        provider.push(server(
            "outgoingServer",
            "smtp",
            &settings.host,
            outgoing.port,
            outgoing.security,
        ));
    }
    let provider = Element::of("emailProvider", provider).with("id", domain);
    let root = Element::of("clientConfig", vec![provider]).with("version", "1.1");
    Ok(document(None, &root)?)
}

fn server(name: &'static str, kind: &str, host: &HostName, port: u16, security: Security) -> Element {
    let socket = match security {
        Security::Implicit => "SSL",
        Security::Starttls => "STARTTLS",
    };
    let parts = vec![
        Element::text("hostname", host.as_str()),
        Element::text("port", port.to_string()),
        Element::text("socketType", socket),
        Element::text("authentication", "password-cleartext"),
        Element::text("username", ADDRESS),
    ];
    Element::of(name, parts).with("type", kind)
}
