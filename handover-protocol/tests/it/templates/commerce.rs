//! Receipts, products and coupons.

use super::*;

#[test]
fn receipts() {
    let receipt: ReceiptTemplate = template(
        "receipt",
        json!({"recipient_name": "Ana Lopez",
        "merchant_name": "Hats", "order_number": "12345678902", "currency": "USD",
        "payment_method": "Visa 2345", "order_url": "https://example.com/o",
        "timestamp": "1428444852", "sharable": true,
        "address": {"street_1": "1 Hacker Way", "street_2": "", "city": "Menlo Park",
            "postal_code": "94025", "state": "CA", "country": "US"},
        "summary": {"subtotal": 75, "shipping_cost": 4.95, "total_tax": 6.19, "total_cost": 56.14},
        "adjustments": [{"name": "New customer", "amount": 20.5}],
        "elements": [{"title": "Hat", "subtitle": "Soft", "quantity": 2, "price": 50.5,
            "currency": "USD", "image_url": "https://i"}]}),
    );
    assert_eq!(receipt.summary.total_cost, 56.14);
    let hat = ReceiptElement::new("Hat", 50.5)
        .subtitle("Soft")
        .quantity(2_u32)
        .currency("USD")
        .image_url("https://i");
    assert_eq!(receipt.elements, [hat]);
}

#[test]
fn limits_of_receipts() {
    let with = |count| {
        let receipt = ReceiptTemplate {
            elements: vec![ReceiptElement::new("Hat", 1.0); count],
            ..Default::default()
        };
        receipt.check()
    };
    assert_eq!((with(0), with(100)), (Ok(()), Ok(())));
    exceeds(with(101), Limit::ReceiptElements, "elements", 101);
}

#[test]
fn product_templates() {
    let json = json!({"elements": [{"id": "4711"}, {"id": "4712"}]});
    let read: ProductTemplate = template("product", json);
    assert_eq!(read, ProductTemplate::new(["4711", "4712"]));
    let with = |count| ProductTemplate::new(vec!["4711"; count]).check();
    assert_eq!((with(1), with(10)), (Ok(()), Ok(())));
    exceeds(with(0), Limit::Products, "elements", 0);
    exceeds(with(11), Limit::Products, "elements", 11);
}

#[test]
fn coupons() {
    let read: CouponTemplate = template(
        "coupon",
        json!({"title": "10% off", "subtitle": "Today",
        "coupon_code": "10PERCENT", "coupon_url": "https://c", "coupon_url_button_title": "Shop",
        "coupon_pre_message": "For you", "image_url": "https://i", "payload": "P"}),
    );
    let built = CouponTemplate::new("10% off")
        .subtitle("Today")
        .coupon_code("10PERCENT")
        .coupon_url("https://c")
        .coupon_url_button_title("Shop")
        .coupon_pre_message("For you")
        .image_url("https://i")
        .payload("P");
    assert_eq!(read, built);
}

#[test]
fn limits_of_coupons() {
    let titled = |length| CouponTemplate::new(long(length)).coupon_code("C").check();
    assert_eq!((titled(1), titled(80)), (Ok(()), Ok(())));
    exceeds(titled(0), Limit::CouponTitle, "title", 0);
    exceeds(titled(81), Limit::CouponTitle, "title", 81);
    let subtitled = |length| {
        let coupon = CouponTemplate::new("T")
            .coupon_url("U")
            .subtitle(long(length));
        coupon.check()
    };
    assert_eq!(subtitled(80), Ok(()));
    exceeds(subtitled(81), Limit::CouponSubtitle, "subtitle", 81);
    exceeds(
        CouponTemplate::new("T").check(),
        Limit::CouponContent,
        "content",
        0,
    );
    let both = CouponTemplate::new("T").coupon_url("U").coupon_code("C");
    assert_eq!(both.check(), Ok(()));
}
