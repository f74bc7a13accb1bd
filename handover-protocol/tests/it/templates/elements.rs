//! Generic and media templates, image grids.

use super::*;

#[test]
fn generic_templates() {
    let json = json!({"elements": [{"title": "Hat", "subtitle": "$40", "image_url": "https://i",
        "default_action": {"type": "web_url", "url": "https://h"},
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}],
        "sharable": false, "image_aspect_ratio": "square"});
    let hat = Element::new("Hat")
        .subtitle("$40")
        .image_url("https://i")
        .default_action(Button::action("https://h"))
        .button(Button::postback("Buy", "BUY"));
    let hats = GenericTemplate::new([hat])
        .sharable(false)
        .image_aspect_ratio("square");
    assert_eq!(template::<GenericTemplate>("generic", json), hats);
}

#[test]
fn limits_of_generic_templates() {
    let with = |count| GenericTemplate::new(vec![Element::new("T").subtitle("S"); count]).check();
    assert_eq!((with(1), with(10)), (Ok(()), Ok(())));
    exceeds(with(0), Limit::Elements, "elements", 0);
    exceeds(with(11), Limit::Elements, "elements", 11);
    let titled = |length| Element::new(long(length)).subtitle("S").check();
    assert_eq!((titled(1), titled(80)), (Ok(()), Ok(())));
    exceeds(titled(0), Limit::ElementTitle, "title", 0);
    exceeds(titled(81), Limit::ElementTitle, "title", 81);
    let subtitled = |length| Element::new("T").subtitle(long(length)).check();
    assert_eq!(subtitled(80), Ok(()));
    exceeds(subtitled(81), Limit::ElementSubtitle, "subtitle", 81);
    let offering = |count| {
        let element = buttons(count)
            .into_iter()
            .fold(Element::new("T"), Element::button);
        element.check()
    };
    assert_eq!(offering(3), Ok(()));
    exceeds(offering(4), Limit::ElementButtons, "buttons", 4);
    exceeds(offering(0), Limit::ElementContent, "content", 0);
    let nested = GenericTemplate::new([
        Element::new("T").subtitle("S"),
        Element::new("T").button(Button::postback("T", long(1001))),
    ]);
    let field = "elements[1].buttons[0].payload";
    exceeds(nested.check(), Limit::ButtonPayload, field, 1001);
}

#[test]
fn media_templates() {
    let json = json!({"elements": [{"media_type": "image", "attachment_id": "1857777774821032",
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}], "sharable": true});
    let picture = MediaElement::by_id("image", "1857777774821032").button(buttons(1).remove(0));
    let read: MediaTemplate = template("media", json);
    assert_eq!(read, MediaTemplate::new(picture).sharable(true));
    let json = json!({"elements": [{"media_type": "video", "url": "https://facebook.example/1"}]});
    let film = MediaElement::by_url("video", "https://facebook.example/1");
    assert_eq!(
        template::<MediaTemplate>("media", json),
        MediaTemplate::new(film)
    );
}

#[test]
fn limits_of_media_templates() {
    let with = |count| {
        let template = MediaTemplate {
            elements: vec![MediaElement::by_id("image", "A"); count],
            ..Default::default()
        };
        template.check()
    };
    assert_eq!(with(1), Ok(()));
    exceeds(with(0), Limit::MediaElements, "elements", 0);
    exceeds(with(2), Limit::MediaElements, "elements", 2);
    let offering = |count| {
        let film = MediaElement::by_id("video", "A");
        MediaTemplate::new(buttons(count).into_iter().fold(film, MediaElement::button)).check()
    };
    assert_eq!(offering(3), Ok(()));
    exceeds(offering(4), Limit::ElementButtons, "elements[0].buttons", 4);
}

#[test]
fn image_grids() {
    let json = json!({"elements": [{"title": "Hats", "subtitle": "$40", "images": [
        {"url": "https://1", "is_hero_image": true, "action": {"type": "web_url", "url": "https://h"}},
        {"url": "https://2", "action": {"type": "postback", "payload": "P", "text": "Hat"}}],
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}]});
    let images = [
        GridImage::new("https://1")
            .is_hero_image(true)
            .action(GridAction::url("https://h")),
        GridImage::new("https://2").action(GridAction::postback("Hat", "P")),
    ];
    let hats = GridElement::new(images)
        .title("Hats")
        .subtitle("$40")
        .button(Button::postback("Buy", "BUY"));
    let read: ImageGridTemplate = template("image_grid", json);
    assert_eq!(read, ImageGridTemplate::new(hats));
}

#[test]
fn limits_of_image_grids() {
    let pictures = |count: usize| GridElement::new(vec![GridImage::new("https://1"); count]);
    let check = |element| ImageGridTemplate::new(element).check();
    assert_eq!((check(pictures(2)), check(pictures(6))), (Ok(()), Ok(())));
    exceeds(
        check(pictures(1)),
        Limit::GridImages,
        "elements[0].images",
        1,
    );
    exceeds(
        check(pictures(7)),
        Limit::GridImages,
        "elements[0].images",
        7,
    );
    assert_eq!(check(pictures(2).title(long(45))), Ok(()));
    exceeds(
        check(pictures(2).title(long(46))),
        Limit::GridTitle,
        "elements[0].title",
        46,
    );
    assert_eq!(check(pictures(2).subtitle(long(80))), Ok(()));
    let long_subtitle = check(pictures(2).subtitle(long(81)));
    exceeds(
        long_subtitle,
        Limit::GridSubtitle,
        "elements[0].subtitle",
        81,
    );
    let offering = |count| {
        check(
            buttons(count)
                .into_iter()
                .fold(pictures(2), GridElement::button),
        )
    };
    assert_eq!(offering(3), Ok(()));
    exceeds(offering(4), Limit::ElementButtons, "elements[0].buttons", 4);
    let with = |count| {
        let template = ImageGridTemplate {
            elements: vec![pictures(2); count],
            ..Default::default()
        };
        template.check()
    };
    exceeds(with(0), Limit::GridElements, "elements", 0);
    exceeds(with(2), Limit::GridElements, "elements", 2);
}
