//! The text form of a request for a list.

use rentomatic::formats::reading::query::{FILTER, parse};
use rentomatic::use_cases::{Failure, Filter, RoomListRequest, SortKey};

/// The request, or the message of the only error in it.
fn request(parameters: &[(&str, &str)]) -> Result<RoomListRequest, String> {
    parse(parameters.iter().copied()).map_err(|failure| match failure {
        Failure::Parameters(errors) if errors.len() == 1 => errors[0].message.clone(),
        other => panic!("{other:?}"),
    })
}

fn filter(key: &str, value: &str) -> Result<Filter, String> {
    let name = format!("{FILTER}{key}");
    request(&[(&name, value)]).map(|request| request.filters[0].clone())
}

#[test]
fn every_field_and_operator_of_the_contract_is_known() {
    let operators = ["eq", "ne", "lt", "lte", "gt", "gte"];
    for field in ["size", "price", "longitude", "latitude"] {
        for operator in operators {
            let key = format!("{field}__{operator}");
            assert!(filter(&key, "1").is_ok(), "{key}");
        }
    }
    for key in ["name__eq", "name__contains", "description__contains"] {
        assert!(filter(key, "Attic").is_ok(), "{key}");
    }
    let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
    assert!(filter("code__eq", code).is_ok());
    for codes in [code.to_owned(), format!("{code},{}", code.to_uppercase())] {
        assert!(filter("code__in", &codes).is_ok());
    }
}

#[test]
fn an_unknown_key_is_refused_in_the_words_of_the_original() {
    for key in [
        "",
        "foo",
        "price",
        "price__",
        "price__le",
        "__eq",
        "code__lt",
        "code__ne",
        "id__eq",
        "Price__eq",
        "price__eq__eq",
        "name__lt",
        "description__eq",
        "price__contains",
    ] {
        assert_eq!(filter(key, "1"), Err(format!("Key {key} cannot be used")));
    }
}

#[test]
fn an_unreadable_value_is_named_with_its_key() {
    for value in ["cheap", "6.5", "6,0", "", "2147483648", "-2147483649", "6\0"] {
        let error = filter("price__lt", value).unwrap_err();
        assert!(error.starts_with(&format!("Value {value:?} of price__lt cannot be used: ")));
    }
    for value in ["NaN", "inf", "-infinity", "1e999", "east", "0,5"] {
        let error = filter("longitude__gt", value).unwrap_err();
        assert!(error.starts_with(&format!("Value {value:?} of longitude__gt cannot be used")));
    }
    let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
    for value in
        ["f853578c", "", &format!("{code},"), &format!("{{{code}"), &format!("{code};{code}")]
    {
        for key in ["code__eq", "code__in"] {
            assert!(filter(key, value).unwrap_err().contains("is a UUID"), "{value}");
        }
    }
    assert!(filter("code__eq", &format!("{code},{code}")).is_err());
}

#[test]
fn a_text_that_no_room_can_have_is_refused() {
    for (key, value) in [
        ("name__eq", ""),
        ("name__contains", "a\nb"),
        ("name__contains", "\0"),
        ("name__contains", &"a".repeat(121)),
        ("description__contains", "a\tb"),
        ("description__contains", &"a".repeat(121)),
    ] {
        let error = filter(key, value).unwrap_err();
        assert!(error.contains("cannot be used: write 1 to ") && error.len() < 300, "{error}");
    }
    assert!(filter("name__contains", &"ß".repeat(120)).is_ok());
    assert!(filter("description__contains", "a\r\nb").is_ok());
}

#[test]
fn a_long_value_is_cut_in_the_error() {
    let error = filter("price__lt", &"9".repeat(60_000)).unwrap_err();
    assert!(error.len() < 300, "{error}");
}

#[test]
fn an_invalid_box_centre_or_radius_is_refused() {
    for value in ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "181,0,0,0", "0,3,1,2", "0,NaN,1,2"] {
        assert!(request(&[("bbox", value)]).is_err(), "{value}");
    }
    for value in ["", "1", "91,0", "0,181", "1,2,3", "inf,0", "1;2"] {
        assert!(request(&[("near", value), ("radius", "1")]).is_err(), "{value}");
    }
    for value in ["", "-1", "NaN", "inf", "1e999", "2km", "1,2"] {
        assert!(request(&[("near", "0,0"), ("radius", value)]).is_err(), "{value}");
    }
}

#[test]
fn an_order_is_written_as_it_is_read() {
    for text in ["price", "-price,size", "-distance,code,-latitude,longitude"] {
        let request = request(&[("near", "0,0"), ("radius", "1"), ("sort", text)]).unwrap();
        let written: Vec<_> = request.sort.iter().map(SortKey::to_string).collect();
        assert_eq!(written.join(","), text);
    }
}

#[test]
fn an_unknown_order_is_refused_with_the_known_ones() {
    for text in ["", "id", "price,", "--price", "Price", "price desc", "price;size"] {
        let error = request(&[("sort", text)]).unwrap_err();
        assert!(
            error.contains("code, size, price, latitude, longitude, name, distance"),
            "{error}"
        );
    }
    assert!(request(&[("sort", "price,-price")]).unwrap_err().contains("once"));
}

#[test]
fn a_value_is_read_by_the_same_rule_as_in_a_file() {
    let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
    for (one, other) in [
        (("filter_price__lt", "60"), ("filter_price__lt", " 60.00 ")),
        (("filter_price__lt", "60"), ("filter_price__lt", "6e1")),
        (("filter_latitude__lt", "51.5"), ("filter_latitude__lt", " 51.50 ")),
        (("filter_code__eq", code), ("filter_code__eq", &format!(" {{{}}} ", code.to_uppercase()))),
        (
            ("filter_code__in", &format!("{code},{code}")),
            ("filter_code__in", &format!("{code}, {{{code}}}")),
        ),
        (("bbox", "-0.2,51,1,52"), ("bbox", " -0.2, 51.0,\t1, 52 ")),
        (("sort", "price,-size"), ("sort", " price, -size ")),
        (("limit", "7"), ("limit", " 7 ")),
    ] {
        assert_eq!(request(&[one]).unwrap(), request(&[other]).unwrap(), "{other:?}");
    }
    let near = |near, radius| request(&[("near", near), ("radius", radius)]).unwrap();
    assert_eq!(near("51.5,-0.12", "2000"), near("51.5, -0.12", " 2000 "));
    // A value of more than any field's range is still one that can be compared with.
    assert!(filter("latitude__lt", "91").is_ok() && filter("price__gt", "-1").is_ok());
}
