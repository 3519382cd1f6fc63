//! Why the image of a site is not whole. The one answer for all who ask: lists leave such an image out, `pin` leaves it alone, pages call it incomplete.

use super::{ImageSite, Role, State};
use crate::reference::Reference;

/// What keeps the reference of a site from being known as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// A placeholder stands in it.
    Templated,
    /// A part of it lives elsewhere.
    Part,
    /// Its tag lives elsewhere.
    Tag,
    /// It is a value of a subchart, whose own defaults may name another registry than the one that no registry means.
    Registry,
    /// How its parts come together is not known.
    Join,
    /// Its repository holds a tag, too.
    TwoTags,
    /// It is no reference.
    Invalid,
    /// An override deletes it.
    Deleted,
}

impl ImageSite {
    /// The reference, where it is known as it stands.
    ///
    /// # Errors
    /// What is missing, where it is not.
    pub fn whole(&self) -> Result<&Reference, Gap> {
        match self.state {
            State::Deleted => return Err(Gap::Deleted),
            State::Templated => return Err(Gap::Templated),
            State::Literal | State::Fragment => {}
        }
        if self.is_unknown() && !self.is_told {
            return Err(Gap::Join);
        }
        if self.error().is_some() {
            return Err(Gap::Invalid);
        }
        if self.has_two_tags() {
            return Err(Gap::TwoTags);
        }
        let reference = self.reference().ok_or(Gap::Part)?;
        if self.lacks_tag() {
            return Err(Gap::Tag);
        }
        if self.of_subchart && !self.is_told && reference.registry().is_none() {
            return Err(Gap::Registry);
        }
        Ok(reference)
    }

    /// Whether a tag stands in the repository and there is a key for another. Beside a digest it would not matter which of them counts.
    fn has_two_tags(&self) -> bool {
        let has_key = self.part(Role::Tag).is_some() && !self.is_told;
        let tagged = |reference: Reference| reference.digest().is_none();
        has_key && self.repository_reference().is_some_and(tagged)
    }
}
