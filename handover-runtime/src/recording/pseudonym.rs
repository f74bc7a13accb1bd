//! Pseudonyms: the same for the same text, and without the key no way back.

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::http::crypto_provider;

/// Ids that belong to nobody: Meta's own apps.
const META_APPS: [&str; 3] = ["263902037430900", "1217981644879628", "413038776280800"];

/// Prefixes that say what an id is of.
const PREFIXES: [&str; 5] = ["mid.$", "mid.", "m_", "t_", "aWdf"];

/// Makes pseudonyms with a random key, which exists only as long as the recording.
pub(super) struct Pseudonyms {
    key: Hmac<Sha256>,
}

impl Pseudonyms {
    pub(super) fn random() -> io::Result<Self> {
        let mut key = [0; 32];
        let filled = crypto_provider().secure_random.fill(&mut key);
        filled.map_err(|_| io::Error::other("there are no random numbers"))?;
        Self::with_key(&key)
    }

    fn with_key(key: &[u8]) -> io::Result<Self> {
        let key = Hmac::new_from_slice(key).map_err(io::Error::other)?;
        Ok(Self { key })
    }

    fn random_of(&self, text: &str) -> fastrand::Rng {
        let mut mac = self.key.clone();
        mac.update(text.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut seed = [0; 8];
        seed.copy_from_slice(&digest[..8]);
        fastrand::Rng::with_seed(u64::from_le_bytes(seed))
    }

    /// For an id: of the same length, with digits for digits and letters for letters.
    pub(super) fn id(&self, id: &str) -> String {
        if META_APPS.contains(&id) {
            return id.to_owned();
        }
        let prefix = PREFIXES.iter().find(|prefix| id.starts_with(**prefix));
        let (prefix, rest) = id.split_at(prefix.map_or(0, |prefix| prefix.len()));
        let mut random = self.random_of(id);
        let other = rest
            .char_indices()
            .map(|(place, character)| match character {
                '0'..='9' if place == 0 && prefix.is_empty() && character != '0' => {
                    char::from(random.u8(b'1'..=b'9'))
                }
                '0'..='9' => char::from(random.u8(b'0'..=b'9')),
                'a'..='z' => random.lowercase(),
                'A'..='Z' => random.uppercase(),
                '_' | '-' | '=' | ':' | '.' | '$' => character,
                _ => random.lowercase(),
            });
        format!("{prefix}{}", other.collect::<String>())
    }

    /// For a text: of as many characters and bytes.
    pub(super) fn text(&self, text: &str) -> String {
        let mut random = self.random_of(text);
        text.chars()
            .map(
                |character| match (character.len_utf8(), character.is_whitespace()) {
                    (1, true) if text.trim().is_empty() => ' ',
                    (1, _) => random.lowercase(),
                    (2, _) => char::from_u32(random.u32(0x430..=0x44f)).unwrap_or('а'),
                    (3, _) => char::from_u32(random.u32(0x4e00..=0x4fff)).unwrap_or('一'),
                    _ => char::from_u32(random.u32(0x1f600..=0x1f64f)).unwrap_or('😀'),
                },
            )
            .collect()
    }

    /// For an address: another one. What only Facebook serves stays there.
    pub(super) fn url(&self, url: &str) -> String {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest
            .split(['/', '?', '#'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_facebook = ["facebook.com", "fb.com", "instagram.com"]
            .iter()
            .any(|known| host == *known || host.ends_with(&format!(".{known}")));
        let scheme = if url.to_ascii_lowercase().starts_with("https:") {
            "https"
        } else {
            "http"
        };
        let host = if is_facebook {
            "www.facebook.com"
        } else {
            "example.com"
        };
        let mut random = self.random_of(url);
        let path: String = (0..16).map(|_| random.lowercase()).collect();
        format!("{scheme}://{host}/{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_keep_the_shape_and_nothing_else() {
        let names = Pseudonyms::with_key(b"one").unwrap();
        let other = Pseudonyms::with_key(b"two").unwrap();
        let id = names.id("5794982867201265");
        assert_eq!((id.len(), id.parse::<u64>().is_ok()), (16, true));
        assert_eq!(id, names.id("5794982867201265"));
        assert_ne!(id, names.id("5794982867201266"));
        assert_ne!(id, other.id("5794982867201265"));
        assert_eq!(names.id("263902037430900"), "263902037430900");
        let mid = names.id("m_AbC-9_x=");
        assert!(
            mid.starts_with("m_") && mid.ends_with('=') && mid.len() == 10,
            "{mid}"
        );
        for text in ["Grüße, 你好 👋", "a@b.example", ""] {
            let hidden = names.text(text);
            assert_eq!(hidden.len(), text.len());
            assert_eq!(hidden.chars().count(), text.chars().count());
            assert!(text.is_empty() || hidden != text);
        }
        assert_eq!(names.text("  "), "  ");
        assert!(
            names
                .url("https://scontent.example/ana.jpg")
                .starts_with("https://example.com/")
        );
        assert!(
            names
                .url("https://www.facebook.com/1/")
                .starts_with("https://www.facebook.com/")
        );
    }
}
