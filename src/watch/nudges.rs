//! Components at the same place: what happens to one is a reason to ask the others, which may be asked hourly.

use tokio::sync::Notify;

use super::seen::every;
use crate::plan::Plan;
use crate::plan::types::Component;
use crate::text::Span;

/// Who is asked at least this often comes to it soon anyway.
const OFTEN: Span = Span::from_mins(1);

/// A bell for each component that is asked rarely.
pub(super) struct Nudges {
    places: Vec<Option<String>>,
    bells: Vec<Option<Notify>>,
}

impl Nudges {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Nudges {
        let bell = |component: &Component| (every(component) > OFTEN).then(Notify::new);
        Nudges { places: plan.component.iter().map(place).collect(), bells: plan.component.iter().map(bell).collect() }
    }

    /// Has the others that answer at the same place asked soon.
    pub fn ring(&self, component: usize) {
        let Some(here) = &self.places[component] else { return };
        let others = self.places.iter().zip(&self.bells).enumerate().filter(|(other, _)| *other != component);
        for (_, (place, bell)) in others {
            if let Some(bell) = bell.as_ref().filter(|_| place.as_ref() == Some(here)) {
                bell.notify_one();
            }
        }
    }

    /// Waits until something happened to another one at the same place.
    pub async fn heard(&self, component: usize) {
        match &self.bells[component] {
            Some(bell) => bell.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// `host:port`, where a component answers, or a certificate is served.
fn place(component: &Component) -> Option<String> {
    let served = component.certificate.as_ref().map(|certificate| certificate.served_at.as_deref());
    let address = served.unwrap_or(component.address.as_deref())?;
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match scheme {
        _ if host.is_empty() => None,
        _ if has_port => Some(host),
        "https" => Some(format!("{host}:443")),
        "http" => Some(format!("{host}:80")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn component(text: &str) -> Component {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_place_is_a_host_and_a_port() {
        for (text, there) in [
            ("kind = 'http'\naddress = 'https://App.example/health'", Some("app.example:443")),
            ("kind = 'http'\naddress = 'http://me@app.example:81?x'", Some("app.example:81")),
            ("kind = 'tcp-port'\naddress = '10.0.0.1:25'", Some("10.0.0.1:25")),
            ("kind = 'postgres'\naddress = 'postgresql://a@db/x'", None),
            (
                "kind = 'certificate'\naddress = '/c.pem'\ncertificate = { served_at = 'app.example' }",
                Some("app.example:443"),
            ),
        ] {
            assert_eq!(place(&component(&format!("name = 'c'\n{text}"))).as_deref(), there, "{text}");
        }
    }

    #[tokio::test]
    async fn only_who_is_asked_seldom_at_the_same_place_hears_of_it() {
        let text = "[platform]\nname = 'p'\n
            [[component]]\nname = 'app'\nkind = 'tcp-port'\naddress = 'app:443'\n
            [[component]]\nname = 'mine'\nkind = 'http'\naddress = 'https://app/x'\nevery = '1h'\n
            [[component]]\nname = 'other'\nkind = 'http'\naddress = 'http://app/x'\nevery = '1h'\n";
        let nudges = Nudges::of(&toml::from_str(text).unwrap());
        nudges.ring(0);
        let heard = async |index| tokio::time::timeout(Duration::from_millis(20), nudges.heard(index)).await.is_ok();
        assert_eq!([heard(0).await, heard(1).await, heard(2).await], [false, true, false]);
    }
}
