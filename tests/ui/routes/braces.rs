use handover::prelude::*;

mod orders {
    use handover::prelude::*;

    #[on_message]
    pub async fn start() {}
}

fn routes() -> Routes {
    routes![orders::{start}]
//~                 ^^^^^^^
}

fn main() { drop(routes()) }
