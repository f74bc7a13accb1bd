//! Ids are strings, however the platform prints them.

use std::collections::BTreeMap;

use handover_protocol::{AccountId, AppId, Object, PersonId};
use serde_json::json;

#[test]
fn a_number_and_a_string_are_the_same_id() {
    for (printed, id) in [
        (json!("2262510160704936"), "2262510160704936"),
        (json!(2262510160704936_u64), "2262510160704936"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(-5), "-5"),
        (json!(2262510160704936.0), "2262510160704936"),
        (json!(1e18), "1000000000000000000"),
        (json!("<PSID>"), "<PSID>"),
        (json!("007"), "007"),
        (json!(""), ""),
    ] {
        assert_eq!(
            serde_json::from_value::<AppId>(printed.clone()).unwrap(),
            id
        );
        assert_eq!(
            serde_json::from_value::<AccountId>(printed.clone()).unwrap(),
            id
        );
        assert_eq!(serde_json::from_value::<PersonId>(printed).unwrap(), id);
    }
}

#[test]
fn what_cannot_be_an_id_is_refused() {
    for odd in [
        json!(null),
        json!(true),
        json!(1.5),
        json!({"id": "1"}),
        json!(["1"]),
    ] {
        assert!(
            serde_json::from_value::<PersonId>(odd.clone()).is_err(),
            "{odd}"
        );
    }
}

#[test]
fn ids_are_written_as_strings() {
    assert_eq!(
        serde_json::to_value(AccountId::from(7)).unwrap(),
        json!("7")
    );
    assert_eq!(
        serde_json::to_value(AppId::PAGE_INBOX).unwrap(),
        json!("263902037430900")
    );
}

#[test]
fn every_way_to_make_an_id_makes_the_same_one() {
    const STATIC: PersonId = PersonId::from_static("9");
    for id in [
        PersonId::new("9"),
        PersonId::from("9"),
        PersonId::from(String::from("9")),
        PersonId::from(9),
        "9".parse().unwrap(),
    ] {
        assert_eq!(id, STATIC);
        assert_eq!(id, *"9");
        assert_eq!(id.as_ref(), "9");
        assert_eq!(format!("{id} {id:>3} {id:?}"), "9   9 PersonId(9)");
    }
}

#[test]
fn an_id_can_be_a_key() {
    let names: BTreeMap<AppId, &str> =
        serde_json::from_str(r#"{"263902037430900":"people","5":"bot"}"#).unwrap();
    assert_eq!(names[&AppId::PAGE_INBOX], "people");
    assert_eq!(
        serde_json::to_string(&names).unwrap(),
        r#"{"263902037430900":"people","5":"bot"}"#,
    );
}

#[test]
fn an_app_id_is_a_number_only_if_nothing_is_lost() {
    assert_eq!(AppId::LEADGEN.to_number(), Some(413038776280800));
    assert_eq!(AppId::from(u64::MAX).to_number(), Some(u64::MAX));
    for text in [
        "",
        "007",
        "+7",
        "-7",
        " 7",
        "7.0",
        "<APP_ID>",
        "18446744073709551616",
    ] {
        assert_eq!(AppId::from(text).to_number(), None, "{text:?}");
    }
}

#[test]
fn each_product_has_its_inbox() {
    assert_eq!(AppId::inbox_of(&Object::Page), "263902037430900");
    assert_eq!(AppId::inbox_of(&Object::Instagram), "1217981644879628");
    assert_eq!(AppId::inbox_of(&Object::from("user")), AppId::PAGE_INBOX);
}

#[test]
fn objects_keep_their_name() {
    for (name, object) in [
        ("page", Object::Page),
        ("instagram", Object::Instagram),
        ("Page", Object::Other("Page".into())),
        (
            "whatsapp_business_account",
            Object::Other("whatsapp_business_account".into()),
        ),
    ] {
        assert_eq!(Object::from(name), object);
        assert_eq!(object.to_string(), name);
        assert_eq!(serde_json::to_value(&object).unwrap(), json!(name));
        assert_eq!(
            serde_json::from_value::<Object>(json!(name)).unwrap(),
            object
        );
    }
}
