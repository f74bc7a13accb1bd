use handover::prelude::*;

#[on_echo(by = "page_inbox")]
async fn person() {}

#[on_echo(by = "page_inbox", page = "1")]
async fn colleague() {}

fn routes() -> Routes {
    routes![person, colleague]
//~                 ^^^^^^^^^
}

fn main() {}
