//! What all list actions share: filters and pages.

use serde::Deserialize;

use crate::front::ApiError;

/// Keeps what has one of the values. Several filters must all agree.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

/// Checks the names of filters. A known name that ends in `:` stands for all that begin with it.
///
/// # Errors
/// `InvalidParameter.FilterInvalidKey`.
pub(super) fn check_filters(filters: &[Filter], known: &[&str]) -> Result<(), ApiError> {
    let is_known = |name: &str| known.iter().any(|it| name == *it || it.ends_with(':') && name.starts_with(it));
    match filters.iter().find(|filter| !is_known(&filter.name)) {
        None => Ok(()),
        Some(filter) => {
            Err(ApiError::new("InvalidParameter.FilterInvalidKey", format!("There is no filter `{}`.", filter.name)))
        }
    }
}

/// Checks that ids and filters are not both given.
///
/// # Errors
/// `InvalidParameter.Coexist`.
pub(super) fn check_either(ids: &[String], filters: &[Filter]) -> Result<(), ApiError> {
    if ids.is_empty() || filters.is_empty() {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameter.Coexist", "Ids and `Filters` cannot be given together."))
}

/// Whether something is kept: for each filter, one of its values is one of the thing's.
pub(super) fn keeps(filters: &[Filter], values_of: impl Fn(&str) -> Vec<String>) -> bool {
    filters.iter().all(|filter| values_of(&filter.name).iter().any(|value| filter.values.contains(value)))
}

/// A part of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// The items of this page.
    pub(super) items: Vec<T>,
    /// How many items all pages have.
    pub(super) total: usize,
}

/// Cuts a page out of a list: 20 items where no limit is given, at most 100.
///
/// # Errors
/// `InvalidParameterValue.Range`.
pub(super) fn page<T>(items: Vec<T>, offset: Option<u64>, limit: Option<u64>) -> Result<Page<T>, ApiError> {
    page_within(items, offset, limit, 20, 100)
}

/// The same with another default and another greatest limit.
///
/// # Errors
/// `InvalidParameterValue.Range`.
pub(super) fn page_within<T>(
    items: Vec<T>,
    offset: Option<u64>,
    limit: Option<u64>,
    default: u64,
    most: u64,
) -> Result<Page<T>, ApiError> {
    let limit = limit.unwrap_or(default);
    if !(1..=most).contains(&limit) {
        return Err(ApiError::new("InvalidParameterValue.Range", format!("`Limit` must be from 1 to {most}.")));
    }
    let total = items.len();
    let start = usize::try_from(offset.unwrap_or(0)).unwrap_or(usize::MAX);
    let items = items.into_iter().skip(start).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    Ok(Page { items, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, values: &[&str]) -> Filter {
        Filter { name: name.into(), values: values.iter().map(|it| (*it).into()).collect() }
    }

    #[test]
    fn values_are_alternatives_and_filters_must_all_agree() {
        let thing = |name: &str| vec![if name == "id" { "a".into() } else { "active".into() }];
        assert!(keeps(&[filter("id", &["a", "b"]), filter("state", &["active"])], thing));
        assert!(!keeps(&[filter("id", &["a"]), filter("state", &["pending"])], thing));
        assert!(keeps(&[], thing));
    }

    #[test]
    fn an_unknown_filter_is_refused() {
        let known = ["ccn-id", "tag:"];
        assert!(check_filters(&[filter("ccn-id", &[]), filter("tag:owner", &[])], &known).is_ok());
        assert_eq!(check_filters(&[filter("ccn", &[])], &known).unwrap_err().code, "InvalidParameter.FilterInvalidKey");
    }

    #[test]
    fn pages_cover_a_list_without_gap_or_overlap() {
        let all: Vec<u32> = (0..45).collect();
        let pages: Vec<u32> =
            [0, 20, 40].iter().flat_map(|offset| page(all.clone(), Some(*offset), None).unwrap().items).collect();
        assert_eq!(pages, all);
        assert_eq!(page(all.clone(), Some(100), None).unwrap().total, 45);
        assert!(page(all, None, Some(101)).is_err());
    }
}
