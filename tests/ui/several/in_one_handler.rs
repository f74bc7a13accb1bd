use handover::prelude::*;

#[on_message(txt = "hi", regex = "(hi", reply_to = "stroy", object = 5, page)]
//~          ^^^                 ^^^^^             ^^^^^^^           ^  ^^^^
#[handoff(too = "page_inbox", on = "sometimes", reclaim_after = "soon")]
//~       ^^^                      ^^^^^^^^^^^                  ^^^^^^
pub fn greet<T>(text: &Text, note: impl Into<String>) -> impl Into<String> {
//~ ^^       ^        ^^^^^        ^^^^^^^^^^^^^^^^^
    drop(note);
    text.to_string()
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
