//! Cursor-based pagination of lists.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::parameter::Parameter;
use super::Parameters;

/// Default of `limit`.
const USUAL: usize = 25;

/// Maximum of `limit`.
const MAX: i64 = 500;

/// Requested page of a list: `limit`, `after`, `before`.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageRequest {
    limit: Option<usize>,
    after: Option<String>,
    before: Option<String>,
    /// Whether the list is part of an object, so that only cursors lead to other pages.
    within: bool,
}

impl PageRequest {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let cursor = |name| match parameter(name).text()? {
            Some(cursor) if !cursor.is_empty() => {
                let id = hex::decode(cursor.as_bytes()).ok();
                let id = id.and_then(|id| String::from_utf8(id).ok());
                id.map(Some).ok_or_else(Refusal::cursor)
            }
            _ => Ok(None),
        };
        Ok(Self {
            limit: parameter("limit")
                .whole(1..=MAX)?
                .and_then(|limit| usize::try_from(limit).ok()),
            after: cursor("after")?,
            before: cursor("before")?,
            within: false,
        })
    }

    /// First page of a list that is part of an object.
    pub(crate) fn first(limit: Option<usize>) -> Self {
        Self {
            limit,
            within: true,
            ..Self::default()
        }
    }

    /// Returns the page of the list with cursors. `next` and `previous` contain the parameters of
    /// the neighboring pages and are absent at the ends of the list.
    pub(crate) fn of<T>(
        &self,
        all: &[T],
        id: impl Fn(&T) -> &str,
        view: impl Fn(&T) -> Result<Value, Refusal>,
    ) -> Result<Value, Refusal> {
        let limit = self.limit.unwrap_or(USUAL);
        let find = |cursor: &str| {
            let at = all.iter().position(|one| id(one) == cursor);
            at.ok_or_else(Refusal::cursor)
        };
        let (from, to) = match (&self.after, &self.before) {
            (Some(after), _) => {
                let from = find(after)? + 1;
                (from, from.saturating_add(limit))
            }
            (None, Some(before)) => {
                let to = find(before)?;
                (to.saturating_sub(limit), to)
            }
            (None, None) => (0, limit),
        };
        let to = to.min(all.len());
        let page = all.get(from..to).unwrap_or_default();
        let data = page.iter().map(view).collect::<Result<Vec<_>, _>>()?;
        let mut answer = json!({ "data": data });
        if let (Some(first), Some(last)) = (page.first(), page.last()) {
            let (before, after) = (hex::encode(id(first)), hex::encode(id(last)));
            if from > 0 && !self.within {
                answer["paging"]["previous"] = json!(format!("limit={limit}&before={before}"));
            }
            if to < all.len() && !self.within {
                answer["paging"]["next"] = json!(format!("limit={limit}&after={after}"));
            }
            answer["paging"]["cursors"] = json!({"before": before, "after": after});
        }
        Ok(answer)
    }
}
