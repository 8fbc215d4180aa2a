//! What mail programs are told on the way, stage by stage.

use super::{Plan, SHORT_TTL, StageKind, To};
use crate::clients::{self, ClientSettings, ClientsError, First, Wanted};

impl Plan {
    /// What mail programs are told at each stage that changes it, by the number of the stage. The order of the ports and the TTL
    /// are the plan's; the rest is as `wanted` has it.
    ///
    /// # Errors
    /// Where there is nothing to publish, as [`clients::settings`] says.
    pub fn client_settings(&self, wanted: &Wanted) -> Result<Vec<(usize, ClientSettings)>, ClientsError> {
        let wanted = Wanted {
            first: match self.to {
                To::Starttls => First::Starttls,
                To::Implicit | To::Both => First::Implicit,
            },
            ttl: SHORT_TTL,
            ..wanted.clone()
        };
        let mut all = Vec::new();
        for (kind, server) in [(StageKind::Advertise, &self.ready), (StageKind::Close, &self.closed)] {
            let stage = self.stages.iter().find(|stage| stage.kind == kind);
            if let (Some(stage), Some(server)) = (stage, server) {
                all.push((stage.number, clients::settings(server, &wanted)?));
            }
        }
        Ok(all)
    }
}
