use handover::prelude::*;

mod menu {
    use super::*;

    #[on_message(text = ["menu", "card"])]
    #[on_postback(payload = "MENU")]
    #[on_message(text = "card")]
//~   ^^^^^^^^^^
    pub(crate) async fn menu() {}
}

fn main() {
    let _ = Bot::new(routes![menu::menu]);
}
