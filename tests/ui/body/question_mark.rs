#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
async fn greet(text: Text) -> String {
    let number: u32 = text.parse()?;
//~                               ^
    number.to_string()
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
