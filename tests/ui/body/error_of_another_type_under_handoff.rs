#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn greet(text: Text) -> Result<String, std::fmt::Error> {
    let number: u32 = text.parse()?;
//~                        ^^^^^
    Ok(number.to_string())
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
