//! Stickers of Messenger. The simulator has a few.

use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{GraphResult, Platform, Refusal};
use super::listing::PageRequest;
use super::{Parameters, quiet};

/// The "Like" sticker, which is always allowed.
const THUMB: u64 = 369_239_263_222_822;

/// The only sticker pack.
const PACK: &str = "1000000000000001";

const STICKERS: [(u64, &str); 3] = [
    (THUMB, "thumbs up"),
    (1_000_000_000_000_011, "waving hand"),
    (1_000_000_000_000_012, "red heart"),
];

pub(crate) fn is_sticker(id: u64) -> bool {
    STICKERS.iter().any(|(known, _)| *known == id)
}

impl Platform {
    /// `GET /sticker_packs`.
    pub fn sticker_packs(&self, parameters: &Parameters) -> GraphResult<Value> {
        let packs = [PACK];
        let view = |id: &&str| Ok(json!({"id": id, "name": "Simulator"}));
        PageRequest::read(parameters)?
            .of(&packs, |id| id, view)
            .map(quiet)
    }

    /// `GET /sticker_packs/{id}/stickers`.
    pub fn stickers(&self, pack: &str, parameters: &Parameters) -> GraphResult<Value> {
        if pack != PACK {
            return Err(Refusal::path("get", pack));
        }
        list(&STICKERS, parameters)
    }

    /// `GET /sticker_search?q=…`.
    pub fn sticker_search(&self, parameters: &Parameters) -> GraphResult<Value> {
        let wanted = Parameter::new("q", parameters.get("q")).words(usize::MAX)?;
        let wanted = wanted.to_lowercase();
        let found: Vec<_> = STICKERS
            .into_iter()
            .filter(|(_, label)| label.contains(&wanted))
            .collect();
        list(&found, parameters)
    }
}

fn list(stickers: &[(u64, &str)], parameters: &Parameters) -> GraphResult<Value> {
    let stickers: Vec<_> = stickers
        .iter()
        .map(|(id, label)| (id.to_string(), *label))
        .collect();
    let view = |(id, label): &(String, &str)| {
        let url = format!("https://stickers.example/{id}.png");
        Ok(json!({"id": id, "label": label, "image_url": url}))
    };
    PageRequest::read(parameters)?
        .of(&stickers, |(id, _)| id, view)
        .map(quiet)
}
