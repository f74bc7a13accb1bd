use handover::prelude::*;

mod orders {
    use handover::prelude::*;

    #[on_message]
    async fn start() {}
}

fn routes() -> Routes {
    routes![orders::start]
//~                 ^^^^^
}

fn main() {}
