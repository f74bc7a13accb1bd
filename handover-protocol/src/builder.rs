//! Methods that set optional fields.

/// Gives a type a method for each of these fields.
macro_rules! setters {
    ($type:ident { $($field:ident: $value:ty,)* }) => {
        impl $type {$(
            #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
            #[must_use]
            pub fn $field(mut self, $field: impl Into<$value>) -> Self {
                self.$field = Some($field.into());
                self
            }
        )*}
    };
}
pub(crate) use setters;
