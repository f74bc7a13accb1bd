use handover_protocol::{Button, Element, GenericTemplate};

use super::Message;

/// A horizontally scrollable list of cards.
///
/// ```
/// use handover_protocol::Button;
/// use handover_runtime::{Card, Carousel};
///
/// async fn hats() -> Carousel {
///     Carousel::new()
///         .card(Card::new("Red hat").subtitle("$40").button(Button::postback("Buy", "BUY:red")))
///         .card(Card::new("Blue hat").subtitle("$45").button(Button::postback("Buy", "BUY:blue")))
/// }
///
/// async fn search(found: Vec<String>) -> Carousel {
///     found.iter().map(|hat| Card::new(hat).link(format!("https://example.com/{hat}"))).collect()
/// }
/// # let _ = (hats(), search(Vec::new()));
/// ```
///
/// Limit (generic template): 1 to 10 cards, on Messenger and on Instagram.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a carousel is sent when a handler returns it"]
pub struct Carousel(GenericTemplate);

impl Carousel {
    /// Creates an empty carousel.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a card.
    pub fn card(mut self, card: Card) -> Self {
        self.0.elements.push(card.0);
        self
    }

    /// Shows square pictures instead of landscape ones.
    pub fn square_images(self) -> Self {
        Self(self.0.image_aspect_ratio("square"))
    }

    /// Lets people share the cards.
    pub fn sharable(self) -> Self {
        Self(self.0.sharable(true))
    }
}

impl FromIterator<Card> for Carousel {
    fn from_iter<I: IntoIterator<Item = Card>>(cards: I) -> Self {
        Self(GenericTemplate::new(cards.into_iter().map(|card| card.0)))
    }
}

impl From<Carousel> for Message {
    fn from(carousel: Carousel) -> Self {
        Self::template(carousel.0)
    }
}

/// A card of a [`Carousel`]: a title, and at least one of the other fields.
///
/// Limits (generic template): 80 characters for the title and for the subtitle, 3 buttons.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a card is part of a carousel: `Carousel::new().card(card)`"]
pub struct Card(Element);

impl Card {
    /// Creates a card with this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self(Element::new(title))
    }

    /// Sets the subtitle.
    pub fn subtitle(self, subtitle: impl Into<String>) -> Self {
        Self(self.0.subtitle(subtitle))
    }

    /// Sets a picture. The platform downloads it from this address.
    pub fn image(self, url: impl Into<String>) -> Self {
        Self(self.0.image_url(url))
    }

    /// Sets the page that a tap on the card opens.
    pub fn link(self, url: impl Into<String>) -> Self {
        Self(self.0.default_action(Button::action(url)))
    }

    /// Adds a button.
    pub fn button(self, button: Button) -> Self {
        Self(self.0.button(button))
    }
}

/// Converts a wire type, for fields without a method here.
impl From<Element> for Card {
    fn from(element: Element) -> Self {
        Self(element)
    }
}
