//! The profile that Apple's devices install: payload `com.apple.mail.managed`
//! (<https://developer.apple.com/documentation/devicemanagement/mail>).

use super::xml::{Element, document};
use super::{ClientSettings, Form, FormError, uuid};

/// What a property list says it is.
const KIND: &str = r#"plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd""#;

/// A value of a property list.
enum Value {
    Text(String),
    Number(u16),
    Yes,
    Dictionaries(Vec<Dictionary>),
}

type Dictionary = Vec<(&'static str, Value)>;

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// The profile. What it does not say the device asks its owner: the address and the password, and without an address the names.
pub(super) fn plist(settings: &ClientSettings) -> Result<String, FormError> {
    let form = Form::Mobileconfig;
    let incoming = settings.incoming.as_ref().ok_or(FormError::NoIncoming { form })?;
    let first = settings.first().ok_or(FormError::NoPort)?;
    let domain = settings.domain.as_str();
    let mut mail = vec![
        ("EmailAccountDescription", text(domain)),
        ("EmailAccountType", text("EmailTypeIMAP")),
        ("IncomingMailServerAuthentication", text("EmailAuthPassword")),
        ("IncomingMailServerHostName", text(incoming.host.as_str())),
        ("IncomingMailServerPortNumber", Value::Number(incoming.port)),
        ("IncomingMailServerUseSSL", Value::Yes),
        ("OutgoingMailServerAuthentication", text("EmailAuthPassword")),
        ("OutgoingMailServerHostName", text(settings.host.as_str())),
        ("OutgoingMailServerPortNumber", Value::Number(first.port)),
        ("OutgoingMailServerUseSSL", Value::Yes),
        ("OutgoingPasswordSameAsIncomingPassword", Value::Yes),
    ];
    if let Some(address) = &settings.address {
        for key in [
            "EmailAddress",
            "IncomingMailServerUsername",
            "OutgoingMailServerUsername",
        ] {
            mail.push((key, text(address.as_str())));
        }
    }
    let mut labels: Vec<&str> = domain.split('.').rev().collect();
    labels.push("smtplint");
    let identifier = labels.join(".");
    let whose = settings.address.as_ref().map_or(domain, |address| address.as_str());
    let title = format!("Mail of {whose}");
    mail.extend(common(
        &format!("{identifier}.mail"),
        "com.apple.mail.managed",
        &title,
        whose,
    ));
    let mut profile = vec![("PayloadContent", Value::Dictionaries(vec![mail]))];
    profile.extend(common(&identifier, "Configuration", &title, whose));
    let root = Element::of("plist", vec![dictionary(&profile)]).with("version", "1.0");
    Ok(document(Some(KIND), &root)?)
}

/// What every payload has, and the profile as well. The identifiers of a domain are always the same: a new profile takes the
/// place of the old one.
fn common(identifier: &str, kind: &str, title: &str, whose: &str) -> Dictionary {
    vec![
        ("PayloadDisplayName", text(title)),
        ("PayloadIdentifier", text(identifier)),
        ("PayloadType", text(kind)),
        ("PayloadUUID", text(uuid::of_name(&format!("{kind}.{whose}")))),
        ("PayloadVersion", Value::Number(1)),
    ]
}

fn dictionary(entries: &Dictionary) -> Element {
    let mut elements = Vec::with_capacity(2 * entries.len());
    for (key, value) in entries {
        elements.push(Element::text("key", *key));
        elements.push(match value {
            Value::Text(text) => Element::text("string", text),
            Value::Number(number) => Element::text("integer", number.to_string()),
            Value::Yes => Element::of("true", Vec::new()),
            Value::Dictionaries(all) => Element::of("array", all.iter().map(dictionary).collect()),
        });
    }
    Element::of("dict", elements)
}
