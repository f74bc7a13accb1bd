//! The words of a text, by Unicode's word boundaries (UAX #29), for the key `words`.

use icu_normalizer::DecomposingNormalizerBorrowed;
use unicode_segmentation::UnicodeSegmentation;

/// The words of a text in order, and the text between them apart from white space. Two are equal
/// if they are the same whatever the case and however their accents are encoded.
///
/// Scripts that are written without spaces, such as Chinese, Japanese and Thai, have a word for each
/// character here, because only a dictionary could tell more: any run of characters is found in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words(Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let text: String = text.chars().map(apostrophe).collect();
        let text = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
        let mut words = Vec::new();
        for word in text.split_word_bounds() {
            let mut rest = &*folded(word);
            while let Some(end) = end_of_elision(rest) {
                let (article, word) = rest.split_at(end);
                words.push(article.to_owned());
                rest = word;
            }
            if !rest.is_empty() {
                words.push(rest.to_owned());
            }
        }
        Self(words)
    }

    /// Whether this word, or these words one after the other, are among them.
    pub(super) fn contain(&self, Self(phrase): &Self) -> bool {
        !phrase.is_empty() && self.0.windows(phrase.len()).any(|words| words == phrase)
    }
}

/// Character in its place on phones and keyboards.
const fn apostrophe(letter: char) -> char {
    match letter {
        '`' | '´' | 'ʹ' | 'ʻ' | 'ʼ' | '‘' | '’' | '‛' | '′' | '＇' => '\'',
        other => other,
    }
}

/// Without regard to case, and without what is not seen. Empty for white space.
fn folded(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    let letters = word.chars().filter(|letter| is_seen(*letter));
    // Upper case is where ß meets SS, and the Greek final sigma meets the other one.
    let upper = letters
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase);
    for letter in upper.flat_map(char::to_lowercase) {
        // In Turkish, İ is the upper case of i, and I that of ı, which became i above.
        if letter != '\u{307}' || !folded.ends_with('i') {
            folded.push(letter);
        }
    }
    folded
}

/// Marks of direction, joiners, soft hyphens, variants of emoji, and the line that lengthens Arabic
/// words, make no other word.
fn is_seen(letter: char) -> bool {
    !letter.is_whitespace()
        && !letter.is_control()
        && !matches!(letter,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{640}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// In French and Italian, `l'` before a vowel is a word: UAX #29 leaves that to its users. Before
/// consonants, as in `don't`, an apostrophe is part of the word.
fn end_of_elision(word: &str) -> Option<usize> {
    let at = word.find('\'').filter(|at| *at > 0)?;
    let end = at + 1;
    let next = word[end..].chars().next()?;
    "aeiouhœæ".contains(next).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, phrase: &str) -> bool {
        Words::of(text).contain(&Words::of(phrase))
    }

    #[test]
    fn a_word_is_found_whole_and_whatever_its_case() {
        for text in [
            "agent",
            "AGENT!",
            "I need an agent please",
            "an\nagent",
            "\"agent\"",
            "agent/human",
            "agent-human",
            "(agent)",
            "agent😀",
            "¿agent?",
            "an\u{a0}agent\u{3000}",
            "ａｇｅｎｔ",
            "agent\u{200f}",
            "a\u{ad}gent",
            "agent…",
            "#agent @agent",
        ] {
            assert!(has(text, "agent"), "{text}");
        }
        for text in [
            "agents",
            "reagent",
            "agent_smith",
            "agent7",
            "a gent",
            "",
            " ",
            "agènt",
        ] {
            assert!(!has(text, "agent"), "{text}");
        }
    }

    #[test]
    fn several_words_are_a_phrase() {
        assert!(has("please HELP\t me now", "help me"));
        assert!(has("help\n\nme", " help  me "));
        for text in ["help", "me help", "help you me", "help, me", "help men"] {
            assert!(!has(text, "help me"), "{text}");
        }
    }

    #[test]
    fn case_is_folded_in_every_script() {
        for (text, word) in [
            ("Große STRASSE", "straße"),
            ("Straẞe", "STRASSE"),
            ("ΜΕ ΑΝΘΡΩΠΟΣ", "άνθρωπος".replace('ά', "α").as_str()),
            ("ο ΣΎΜΒΟΥΛΟΣ σας", "σύμβουλος"),
            ("позовите ОПЕРАТОРА", "оператора"),
            ("ՕՊԵՐԱՏՈՐ", "օպերատոր"),
            ("İnsan lazım", "insan"),
            ("INSAN LAZIM", "lazım"),
            ("ﬁnd", "FIND"),
        ] {
            assert!(has(text, word), "{text}");
        }
    }

    #[test]
    fn accents_are_the_same_however_they_are_encoded_and_are_not_left_out() {
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}");
        assert!(has(composed, decomposed) && has(decomposed, composed));
        assert!(has("CAFE\u{301}", composed));
        assert!(!has("cafe", composed) && !has(decomposed, "cafe"));
        assert!(!has("schon", "schön"));
        assert!(has("ﾍﾟｰｼﾞ", "ページ"), "half width");
        assert!(has("상담원 연결", "상담원"), "and as jamo");
    }

    #[test]
    fn an_apostrophe_is_part_of_a_word_except_where_an_article_ends() {
        for text in ["don't", "don’t", "DON´T", "don`t"] {
            assert!(has(text, "don't") && has(text, "don’t"), "{text}");
            assert!(!has(text, "don") && !has(text, "t"), "{text}");
        }
        assert!(has("je veux parler à l'agent", "agent"));
        assert!(has("Je veux l’HUMAIN", "humain"));
        assert!(has("vorrei un'operatrice", "operatrice"));
        assert!(has("l'agent", "L’agent"));
        assert!(has("'agent'", "agent") && has("’agent’", "agent"));
        assert!(!has("здоров'я", "я"));
    }

    #[test]
    fn scripts_without_spaces_and_from_right_to_left() {
        for (text, word) in [
            ("我要人工客服谢谢", "人工"),
            ("人間と話したいです", "人間"),
            ("オペレーターにつないで", "オペレーター"),
            ("ขอคุยกับเจ้าหน้าที่หน่อย", "เจ้าหน้าที่"),
            ("请找agent谢谢", "agent"),
            ("أريد التحدث مع موظف، من فضلك", "موظف"),
            ("مـــوظف", "موظف"),
            ("אני רוצה נציג!", "נציג"),
            ("मुझे एजेंट चाहिए", "एजेंट"),
        ] {
            assert!(has(text, word), "{text}");
        }
        for (text, word) in [("موظفين", "موظف"), ("スーパーオペレーター", "オペレーター")]
        {
            assert!(!has(text, word), "{text}");
        }
    }

    #[test]
    fn what_has_no_words_finds_nothing() {
        assert!(!has("agent", "") && !has("agent", "\u{200b}"));
        assert!(has("I ❤️ this", "❤"), "a symbol is a word, too");
        assert!(!has("3.5", "3") && has("v 3.5!", "3.5"));
    }
}
