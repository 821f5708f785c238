//! Finding in the tree what a rule talks about. Values that could not be read are missing from the
//! plan's lists but not from the tree's, so entries are found again by what tells them apart.

use std::borrow::Cow;
use std::ops::Deref;

use crate::plan::source::{Node, Path, Value};
use crate::plan::types::{
    Approval, Channel, Checklist, Component, Contact, Data, Decision, Escalation, Job, Kpi, Message, Person, Priority,
    Procedure, Response, Review, Role, Rota, Scenario, Site, Step, Store, Tier, Vantage,
};

/// Something in one of the plan's lists.
pub trait Listed {
    /// The list's key.
    const LIST: &'static str;

    /// The key that tells entries apart, and its value.
    fn identity(&self) -> (&'static str, Cow<'_, str>);
}

macro_rules! listed {
    ($($type:ident in $list:literal by $key:ident;)*) => {
        $(impl Listed for $type {
            const LIST: &'static str = $list;

            fn identity(&self) -> (&'static str, Cow<'_, str>) {
                (stringify!($key), Cow::Borrowed(&self.$key))
            }
        })*
    };
}

listed! {
    Site in "site" by name;
    Vantage in "vantage" by name;
    Tier in "tier" by name;
    Priority in "priority" by name;
    Component in "component" by name;
    Data in "data" by name;
    Store in "store" by name;
    Job in "job" by name;
    Scenario in "scenario" by name;
    Procedure in "procedure" by name;
    Step in "step" by name;
    Decision in "decision" by name;
    Person in "person" by name;
    Role in "role" by name;
    Rota in "rota" by role;
    Contact in "contact" by name;
    Channel in "channel" by name;
    Message in "message" by name;
    Checklist in "checklist" by name;
    Kpi in "kpi" by name;
    Approval in "approval" by role;
    Review in "review" by of;
}

impl Listed for Escalation {
    const LIST: &'static str = "escalation";

    fn identity(&self) -> (&'static str, Cow<'_, str>) {
        ("level", self.level.to_string().into())
    }
}

impl Listed for Response {
    const LIST: &'static str = "response";

    fn identity(&self) -> (&'static str, Cow<'_, str>) {
        ("severity", format!("{:?}", self.severity).into())
    }
}

/// An entry of a list, with its position there.
#[derive(Debug)]
pub struct Entry<'a, T> {
    /// In the plan's list.
    pub index: usize,
    /// The entry.
    pub item: &'a T,
}

impl<T> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Entry<'_, T> {}

impl<T> Deref for Entry<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.item
    }
}

/// All entries of a list.
pub fn entries<T>(list: &[T]) -> impl Iterator<Item = Entry<'_, T>> {
    list.iter().enumerate().map(|(index, item)| Entry { index, item })
}

impl<T: Listed> Entry<'_, T> {
    /// The way to it, in the table at `parent`.
    pub fn within(&self, tree: &Node, parent: &Path) -> Path {
        let list = parent.to(T::LIST);
        let (key, value) = self.item.identity();
        let index = walk(tree, &list).map_or(self.index, |node| {
            // What was left out only moves an entry towards the front.
            let wanted = |element: &&Node| element.get(key).is_some_and(|entry| says(&entry.node, &value));
            let found = node.elements().iter().enumerate().skip(self.index).find(|(_, element)| wanted(element));
            found.map_or(self.index, |(index, _)| index)
        });
        list.to(index)
    }
}

/// The way to a text in the list at `list`, which may have lost elements before it.
pub fn element(tree: &Node, list: &Path, index: usize, text: &str) -> Path {
    let found = walk(tree, list).and_then(|node| {
        node.elements().iter().enumerate().skip(index).find(|(_, node)| node.text() == Some(text)).map(|(at, _)| at)
    });
    list.to(found.unwrap_or(index))
}

/// The node at the end of a way.
pub fn walk<'t>(tree: &'t Node, path: &Path) -> Option<&'t Node> {
    path.parts().iter().try_fold(tree, |node, part| match part {
        crate::plan::source::Part::Key(key) => node.get(key).map(|entry| &entry.node),
        crate::plan::source::Part::Index(index) => node.elements().get(*index),
    })
}

fn says(node: &Node, value: &str) -> bool {
    match &node.value {
        Value::Text(text) => text == value,
        Value::Integer(number) => number.to_string() == value,
        _ => false,
    }
}
