use handover::prelude::*;

#[on_read]
async fn handler(argument: Text) {
//~                        ^^^^
    drop(argument);
}

fn main() {}
