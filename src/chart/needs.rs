//! What a chart's templates ask for and its values lack.

use super::{Chart, Layers};
use crate::reference::Reference;
use crate::template::{FieldId, Filling};
use crate::yaml::Step;

/// A key that an `image` field asks for, where values turn the field on and lack the key.
#[derive(Debug, Clone)]
pub struct Need {
    /// The field.
    pub field: FieldId,
    /// The key's path.
    pub path: Vec<Step>,
    /// The paths of the values that turn the field on.
    pub switches: Vec<Vec<Step>>,
}

impl Chart {
    /// The keys that the chart's own templates ask for with these values, and that the values lack, so that a pod gets no image.
    #[must_use]
    pub fn unmet(&self, layers: &Layers<'_>) -> Vec<Need> {
        let Some(reading) = self.reading() else {
            return Vec::new();
        };
        let filling = Filling::new(reading, layers, &[]);
        let mut found: Vec<Need> = Vec::new();
        for field in reading.images().filter(|field| reading.is_own(*field)) {
            if filling.is_active(field) != Some(true) {
                continue;
            }
            let Ok(filled) = filling.fill(field) else { continue };
            let is_whole = Reference::parse(&filled.text()).is_ok();
            let Some(path) = filled
                .absent
                .first()
                .filter(|path| !is_whole && !reading.is_required(path))
            else {
                continue;
            };
            if !found.iter().any(|need| need.path == *path) {
                found.push(Need {
                    field,
                    path: path.clone(),
                    switches: reading.switches(field),
                });
            }
        }
        found
    }
}
