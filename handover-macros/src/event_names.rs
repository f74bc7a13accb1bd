//! Names of events that the runtime knows are names that the attributes accept.

use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;
use syn::{Arm, Expr, File, Item, Lit, Pat, Stmt};

use crate::attribute;
use crate::model::TriggerName;

/// The names from which the runtime derives the webhook fields of a handler: the arms of `by_name`.
fn known_to_the_runtime() -> Vec<String> {
    let source = "../handover-runtime/src/routing/webhook_fields.rs";
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let file: File = syn::parse_file(&fs::read_to_string(source).unwrap()).unwrap();
    let mut functions = file.items.into_iter().filter_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "by_name" => Some(function),
        _ => None,
    });
    let by_name = functions.next().expect("the function is there");
    let Some(Stmt::Expr(Expr::Call(some), _)) = by_name.block.stmts.into_iter().next() else {
        panic!("`by_name` is `Some(match …)`");
    };
    let Some(Expr::Match(names)) = some.args.into_iter().next() else {
        panic!("`by_name` is `Some(match …)`");
    };
    names.arms.into_iter().flat_map(names_of).collect()
}

fn names_of(arm: Arm) -> Vec<String> {
    match arm.pat {
        Pat::Or(several) => several.cases.into_iter().flat_map(name).collect(),
        one => name(one).into_iter().collect(),
    }
}

fn name(pattern: Pat) -> Option<String> {
    match pattern {
        Pat::Lit(literal) => match literal.lit {
            Lit::Str(name) => Some(name.value()),
            _ => None,
        },
        _ => None,
    }
}

fn on_event(name: &str) -> String {
    let keys: TokenStream = format!("name = {name:?}").parse().unwrap();
    let handler = "async fn handler() {}".parse().unwrap();
    attribute::on(TriggerName::Event, keys, handler).to_string()
}

#[test]
fn every_name_that_has_a_webhook_field_is_accepted() {
    let names = known_to_the_runtime();
    assert!(names.len() > 30, "the names were read: {names:?}");
    for name in names {
        let output = on_event(&name);
        assert!(!output.contains("compile_error"), "{name}: {output}");
    }
}

#[test]
fn a_misspelt_name_and_an_older_spelling_are_refused() {
    for (name, meant) in [
        ("mentoin", "mention"),
        ("policy-enforcement", "policy_enforcement"),
    ] {
        let output = on_event(name);
        assert!(
            output.contains(&format!("did you mean `{meant}`?")),
            "{output}"
        );
    }
}
