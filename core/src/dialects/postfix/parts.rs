//! What the facts of listeners are made of, kept from one release to the next and from one service to the next.

use std::rc::Rc;

use super::config::View;
use super::evidence::{Answer, Evidence};
use super::restrictions::Journeys;
use super::tls::Ground;
use crate::facts::{Access, Auth, Cause, Dialogue, Exception, Fact, ListenerFacts, Log, Networks, Outcomes, Session, Tls};

/// What listeners' facts are made of, kept from one release to the next.
#[derive(Default)]
pub(super) struct Parts {
    /// In the order of master.cf.
    pub(super) of_services: Vec<PartsOfService>,
    /// Those that rest on no service's own options.
    pub(super) common: PartsOfService,
}

/// What the facts of one listener are made of.
#[derive(Default)]
pub(super) struct PartsOfService {
    pub(super) facts: Option<Answer<Rc<ListenerFacts>>>,
    /// What TLS rests on.
    pub(super) ground: Option<Answer<Rc<Ground>>>,
    pub(super) tls: Option<Answer<Rc<Tls>>>,
    /// With the TLS that it was worked out for.
    pub(super) auth: Option<Answer<(Rc<Tls>, Rc<Auth>)>>,
    pub(super) trusted: Option<Answer<Rc<Fact<Networks>>>>,
    /// With the TLS that it was worked out for.
    pub(super) access: Option<Answer<(Rc<Tls>, Rc<Access>)>>,
    pub(super) log: Option<Answer<Rc<Log>>>,
    /// What a session shows.
    pub(super) session: Option<Answer<Rc<Session>>>,
    pub(super) dialogue: Option<Answer<Rc<Dialogue>>>,
    /// What is missing in the files as a whole.
    pub(super) safeguard: Option<Answer<Option<Fact<Cause>>>>,
    /// What the programs cannot read of the service itself.
    pub(super) unreadable: Option<Answer<Option<Fact<Cause>>>>,
    /// What they cannot read of main.cf.
    pub(super) unreadable_main: Option<Answer<Option<Fact<Cause>>>>,
    /// What the restriction lists say.
    pub(super) journeys: Option<Answer<Rc<Journeys>>>,
    /// What clients get in the end.
    pub(super) ends: Option<Answer<Rc<Ends>>>,
}

/// What clients get in the end, and what it was worked out from.
pub(super) struct Ends {
    pub(super) tls: Rc<Tls>,
    pub(super) auth: Rc<Auth>,
    pub(super) dead: Option<Fact<Cause>>,
    pub(super) journeys: Rc<Journeys>,
    pub(super) outcomes: Outcomes,
    pub(super) exceptions: Vec<Exception>,
}

/// Where the parts of one listener are kept.
pub(super) struct Shelf<'p> {
    pub(super) own: &'p mut PartsOfService,
    common: &'p mut PartsOfService,
    /// The service's own options; `None` where other services have nothing in common with it.
    options: Option<u64>,
}

impl<'p> Shelf<'p> {
    pub(super) fn of(view: &View<'_>, is_alone: bool, own: &'p mut PartsOfService, common: &'p mut PartsOfService) -> Shelf<'p> {
        let options = view.service.filter(|_| !is_alone).map(|service| service.options);
        Shelf { own, common, options }
    }

    /// Works out a part, or takes it over: from the release before, or from a service that has it in common with this one.
    pub(super) fn part<T: Clone>(
        &mut self,
        view: &View<'_>,
        place: fn(&mut PartsOfService) -> &mut Option<Answer<T>>,
        work: impl FnOnce() -> T,
    ) -> Answer<T> {
        self.part_from(view, place, |_| true, work)
    }

    /// The same for a part that is worked out from others, and is taken over only where those were the same: `fits` tells.
    /// What rests on others that differ in nothing that it looks at need not be worked out again with them.
    pub(super) fn part_from<T: Clone>(
        &mut self,
        view: &View<'_>,
        place: fn(&mut PartsOfService) -> &mut Option<Answer<T>>,
        fits: impl Fn(&T) -> bool,
        work: impl FnOnce() -> T,
    ) -> Answer<T> {
        let configuration = view.configuration;
        let holds = |known: &&Answer<T>| fits(&known.value) && configuration.takes_over(known.evidence);
        if let Some(known) = place(self.own).as_ref().filter(holds) {
            return known.clone();
        }
        let is_in_common = |evidence: Evidence| self.options.is_some_and(|options| evidence.is_without(options));
        let common = place(self.common);
        let of_others = common.as_ref().filter(|known| is_in_common(known.evidence)).filter(holds);
        let answer = match of_others {
            Some(known) => known.clone(),
            None => {
                let answer = configuration.answer(work);
                if is_in_common(answer.evidence) {
                    *common = Some(answer.clone());
                }
                answer
            }
        };
        *place(self.own) = Some(answer.clone());
        answer
    }
}
