use handover::prelude::*;

fn main() {
    let _ = Bot::new(routes![]);
//~                  ^^^^^^^^^
}
