//! The forms in which settings are published, their names, and where each goes.

use std::io;

use thiserror::Error;

use super::{ClientSettings, HostName, autoconfig, autodiscover, mobileconfig, spoken, srv};

/// A form of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// What Thunderbird, K-9 Mail, Evolution and others fetch.
    Autoconfig,
    /// What Outlook fetches.
    Autodiscover,
    /// What iPhones, iPads and Macs install.
    Mobileconfig,
    /// Lines of a zone file.
    Srv,
}

/// Why a form cannot be filled in.
#[derive(Debug, Error)]
pub enum FormError {
    /// The programs that read it set up whole accounts, and take none without a place to read mail.
    #[error("{} needs the server where mail is read as well, and no mail server's configuration for sending names it", form.spoken())]
    NoIncoming {
        /// The form.
        form: Form,
    },
    /// The settings have no port.
    #[error("there is no port to publish")]
    NoPort,
    /// The XML could not be put together.
    #[error("the XML cannot be written: {0}")]
    Xml(#[from] io::Error),
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 5] = [
        Form::Text,
        Form::Autoconfig,
        Form::Autodiscover,
        Form::Mobileconfig,
        Form::Srv,
    ];

    /// How people speak of it.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Form::Text => "the text for people",
            Form::Autoconfig => "Thunderbird's autoconfig",
            Form::Autodiscover => "Outlook's autodiscover",
            Form::Mobileconfig => "Apple's mobileconfig",
            Form::Srv => "the zone file",
        }
    }

    /// The settings in this form, with a line end behind them.
    ///
    /// # Errors
    /// When something that the form cannot do without is missing.
    pub fn render(self, settings: &ClientSettings) -> Result<String, FormError> {
        match self {
            Form::Text => spoken::text(settings),
            Form::Autoconfig => autoconfig::xml(settings),
            Form::Autodiscover => autodiscover::xml(settings),
            Form::Mobileconfig => mobileconfig::plist(settings),
            Form::Srv => Ok(srv::zone(settings)),
        }
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(self, domain: &HostName) -> String {
        match self {
            Form::Text => format!("{domain}.txt"),
            Form::Autoconfig => "config-v1.1.xml".to_owned(),
            Form::Autodiscover => "autodiscover.xml".to_owned(),
            Form::Mobileconfig => format!("{domain}.mobileconfig"),
            Form::Srv => format!("{domain}.zone"),
        }
    }

    /// Where it is published, one sentence or address each.
    #[must_use]
    pub fn places(self, domain: &HostName) -> Vec<String> {
        match self {
            Form::Text => vec!["a help page, or a letter to the users".to_owned()],
            Form::Autoconfig => vec![
                format!("https://autoconfig.{domain}/mail/config-v1.1.xml"),
                format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
                "as text/xml; one of the two is enough".to_owned(),
            ],
            Form::Autodiscover => vec![
                format!("https://autodiscover.{domain}/autodiscover/autodiscover.xml"),
                format!("https://{domain}/autodiscover/autodiscover.xml"),
                format!(
                    "as text/xml, in answer to POST, with the EMailAddress of the request in the place of `{}`",
                    autodiscover::ADDRESS
                ),
            ],
            Form::Mobileconfig => vec![
                "any page with https, for people to open on the device".to_owned(),
                "as application/x-apple-aspen-config; unsigned, the device says so".to_owned(),
            ],
            Form::Srv => vec![format!("the zone of {domain}")],
        }
    }
}
