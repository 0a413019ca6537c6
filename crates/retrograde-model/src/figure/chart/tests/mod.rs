//! What holds for every chart.

mod xml;

use super::super::text;
use super::{Axis, Format, LINE, Line, LineChart, Look, Mark, SIZE, ScaleKind};
use xml::{Found, read};

const NAN: f64 = f64::NAN;
const HEIGHT: f64 = 340.0;

fn line(name: &str, points: &[(f64, f64)]) -> Line {
    Line { name: name.to_owned(), points: points.to_vec(), ..Line::default() }
}

fn chart(lines: Vec<Line>) -> LineChart {
    LineChart {
        title: "Title".to_owned(),
        x: Axis::linear("epoch"),
        y: Axis::linear("cost"),
        lines,
        ..LineChart::default()
    }
}

fn on_log_scales(mut chart: LineChart) -> LineChart {
    chart.x.scale = ScaleKind::Log;
    chart.y.scale = ScaleKind::Log;
    chart
}

fn of_class<'a>(found: &'a [Found], name: &str, class: &str) -> Vec<&'a Found> {
    let has = |it: &&Found| it.name == name && it.get("class").split(' ').any(|word| word == class);
    found.iter().filter(has).collect()
}

/// The strokes of the lines themselves: samples in legends are `line` elements.
fn curves(found: &[Found]) -> Vec<&str> {
    of_class(found, "path", "curve").into_iter().map(|path| path.get("d")).collect()
}

fn labels<'a>(found: &'a [Found], class: &str) -> Vec<&'a str> {
    of_class(found, "text", class).into_iter().map(|label| label.text.as_str()).collect()
}

/// Everything that must hold for any chart, by itself and as a panel; the elements of the first.
fn checked(chart: &LineChart) -> Vec<Found> {
    drawn(&LineChart { format: Format::Panel, ..chart.clone() });
    drawn(chart)
}

fn drawn(chart: &LineChart) -> Vec<Found> {
    let svg = chart.to_svg();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let found = read(&svg);
    let root = &found[0];
    assert_eq!((root.name.as_str(), root.get("role")), ("svg", "img"));
    for id in root.get("aria-labelledby").split(' ') {
        let named: Vec<&Found> = found.iter().filter(|it| it.get("id") == id).collect();
        assert!(named.len() == 1 && !named[0].text.is_empty(), "{id}");
    }
    no_labels_overlap(&found, chart.format.width());
    found
}

/// (x, y) of the middle, and half the width.
fn extent(label: &Found) -> (f64, f64, f64) {
    let half = text::width(&label.text, SIZE) / 2.0;
    let (x, classes) = (label.number("x"), label.get("class"));
    let middle = match classes.rsplit(' ').next() {
        Some("middle") => x,
        Some("end") => x - half,
        _ => x + half,
    };
    (middle, label.number("y"), half)
}

fn no_labels_overlap(found: &[Found], width: f64) {
    for classes in [&["middle", "end"][..], &["name"], &["mark"]] {
        let group: Vec<&Found> = classes.iter().flat_map(|class| of_class(found, "text", class)).collect();
        for (i, a) in group.iter().enumerate() {
            let (x, y, half) = extent(a);
            assert!(x - half >= -width / 2.0 && x + half <= width, "{a:?}");
            for b in &group[..i] {
                let other = extent(b);
                let is_apart = (y - other.1).abs() >= 14.0 || (x - other.0).abs() >= half + other.2;
                assert!(is_apart, "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn a_chart_has_its_words_and_strokes() {
    let mut chart = chart(vec![line("training", &[(0.0, 1.0), (1.0, 0.5), (2.0, 0.25)])]);
    chart.description = "The cost falls.".to_owned();
    chart.marks = vec![Mark { x: 1.0, label: "best".to_owned() }, Mark { x: NAN, label: "none".to_owned() }];
    let found = checked(&chart);
    let text: Vec<&str> = found.iter().filter(|it| it.name == "text").map(|it| it.text.as_str()).collect();
    for word in ["Title", "cost", "epoch", "training", "best", "0", "1", "2", "0.2", "1.0"] {
        assert!(text.contains(&word), "{word} in {text:?}");
    }
    assert!(!text.contains(&"none") && !text.contains(&"0.5"), "{text:?}");
    assert_eq!(found.iter().find(|it| it.name == "desc").unwrap().text, "The cost falls.");
    assert_eq!(curves(&found).len(), 1);
    assert_eq!(of_class(&found, "line", "flag").len(), 1);
}

#[test]
fn gaps_break_a_line_and_a_lonely_point_is_a_dot() {
    let points =
        [(0.0, 1.0), (1.0, 2.0), (2.0, NAN), (3.0, 3.0), (4.0, f64::INFINITY), (5.0, 1.0), (6.0, 1.0)];
    let found = checked(&chart(vec![line("", &points)]));
    assert_eq!(curves(&found)[0].matches('M').count(), 2);
    // The lonely point and the last one.
    assert_eq!(of_class(&found, "circle", "shape").len(), 2);
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let all_nan = [(0.0, NAN), (1.0, f64::NEG_INFINITY), (NAN, 3.0)];
    for lines in [vec![], vec![line("a", &[])], vec![line("a", &all_nan), line("", &[])]] {
        for chart in [chart(lines.clone()), on_log_scales(chart(lines.clone())), LineChart::default()] {
            let found = checked(&chart);
            assert!(labels(&found, "middle").contains(&"no values to draw"));
            assert!(curves(&found).is_empty());
        }
    }
    let found = checked(&chart(vec![line("a", &all_nan), line("b", &[(0.0, 1.0), (1.0, 2.0)])]));
    assert_eq!(labels(&found, "name"), ["a (no values)", "b"]);
}

#[test]
fn one_point_and_constant_data_are_drawn() {
    for value in [0.0, 1.0, -1e300, 1e-310, f64::MAX] {
        let found = checked(&chart(vec![line("a", &[(value, value)])]));
        assert!(curves(&found).is_empty());
        let dot = of_class(&found, "circle", "shape")[0];
        assert!((0.0..=HEIGHT).contains(&dot.number("cy")), "{value}");
        let found = checked(&chart(vec![line("a", &[(0.0, value), (1.0, value)])]));
        assert_eq!(curves(&found)[0].matches('h').count(), 1, "{value}");
    }
}

#[test]
fn log_scales_leave_out_zero_and_less() {
    let points = [(1.0, 1.0), (2.0, 0.0), (3.0, 1e-6), (4.0, -1.0), (5.0, 1e-3), (0.0, 5.0), (6.0, 1e-2)];
    let mut chart = on_log_scales(chart(vec![line("a", &points)]));
    chart.marks = vec![Mark { x: -1.0, label: "not here".to_owned() }];
    let found = checked(&chart);
    assert!(curves(&found).is_empty());
    assert_eq!(of_class(&found, "circle", "shape").len(), 4);
    assert!(labels(&found, "end").contains(&"1e-6"));
    assert!(labels(&found, "mark").is_empty());
}

#[test]
fn the_widest_ranges_are_drawn() {
    let points = [(-f64::MAX, f64::MAX), (0.0, f64::from_bits(1)), (f64::MAX, -f64::MAX)];
    for chart in [chart(vec![line("a", &points)]), on_log_scales(chart(vec![line("a", &points)]))] {
        checked(&chart);
    }
}

#[test]
fn any_numbers_are_drawn() {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = f64::from_bits(state ^ (state >> 29));
        // Half of them near each other, half of any size, some of them NaN.
        if state >> 63 == 0 { 1.0 + bits.fract() * 10f64.powi((state >> 58) as i32 - 31) } else { bits }
    };
    for count in (1..6).cycle().take(2000) {
        let points: Vec<(f64, f64)> = (0..count).map(|_| (next(), next())).collect();
        let mut chart = chart(vec![line("a", &points), line("b", &points[1..])]);
        chart.marks = vec![Mark { x: next(), label: "mark".to_owned() }];
        checked(&chart);
        checked(&on_log_scales(chart));
    }
}

#[test]
fn a_million_points_are_a_small_file() {
    let value = |i: u32| (f64::from(i), f64::from(i.wrapping_mul(2_654_435_761) >> 8));
    let points: Vec<(f64, f64)> = (0..1_000_000).map(value).collect();
    let one = chart(vec![line("a", &points)]);
    checked(&one);
    assert!(one.to_svg().len() < 40_000, "{}", one.to_svg().len());
    let twelve = chart(points.chunks(points.len() / 12 + 1).map(|part| line("a", part)).collect());
    assert!(twelve.to_svg().len() < 200_000, "{}", twelve.to_svg().len());
    let each_over_all =
        (0..12).map(|k| line("a", &points.iter().copied().skip(k).step_by(12).collect::<Vec<_>>()));
    let twelve = chart(each_over_all.collect());
    assert!(twelve.to_svg().len() < 240_000, "{}", twelve.to_svg().len());
}

#[test]
fn names_at_one_place_are_moved_apart_and_many_become_a_legend() {
    let lines = |count: usize| {
        (0..count).map(|i| line(&format!("run {i}"), &[(0.0, i as f64), (9.0, 1.0)])).collect()
    };
    for count in [1, 2, 5, 12, 20] {
        let found = checked(&chart(lines(count)));
        let names = of_class(&found, "text", "name");
        assert!(names.len() == count && names.iter().all(|name| name.number("x") > 600.0), "{count}");
        let leaders = of_class(&found, "line", "leader").len();
        assert!(leaders + 1 >= count && (count > 1 || leaders == 0), "{count} {leaders}");
    }
    let found = checked(&chart(lines(21)));
    assert!(of_class(&found, "text", "name").iter().all(|name| name.number("y") > HEIGHT + LINE));
    let long = (0..4).map(|i| line(&format!("{i} is a name that is too long to be beside"), &[(0.0, 1.0)]));
    let found = checked(&chart(long.collect()));
    assert!(of_class(&found, "text", "name").iter().all(|name| name.number("y") > HEIGHT + LINE));
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</title></svg><script>alert('1')</script>&\"\u{0}\u{1b}\u{202e}\u{ffff} ".repeat(1000);
    let mut chart = chart(vec![line(&hostile, &[(0.0, 1.0), (1.0, 2.0)]), line("\u{7}\n", &[(0.0, 1.0)])]);
    chart.title.clone_from(&hostile);
    chart.description.clone_from(&hostile);
    chart.x.label.clone_from(&hostile);
    chart.y.label.clone_from(&hostile);
    chart.marks = vec![Mark { x: 0.5, label: hostile.clone() }, Mark { x: 0.5, label: hostile }];
    let found = checked(&chart);
    let known = ["svg", "title", "desc", "style", "rect", "text", "g", "line", "path", "circle"];
    assert!(found.iter().all(|it| known.contains(&it.name.as_str())));
    let names = labels(&found, "name");
    assert!(
        names.len() == 1 && names[0].starts_with("</title></svg>") && names[0].ends_with('…'),
        "{names:?}"
    );
    assert!(chart.to_svg().len() < 20_000);
}

#[test]
fn flags_of_close_marks_are_in_rows() {
    let marks = [0.0, 0.01, 0.02, 0.5, 0.98, 0.99, 1.0, 1.0];
    let mut chart = chart(vec![line("a", &[(0.0, 1.0), (1.0, 2.0)])]);
    chart.marks = marks.iter().map(|&x| Mark { x, label: format!("a mark of the axis at {x}") }).collect();
    let found = checked(&chart);
    assert_eq!(of_class(&found, "line", "flag").len(), marks.len());
    let labels = of_class(&found, "text", "mark");
    assert!(labels.len() >= 6, "{labels:?}");
    for label in labels {
        let (middle, y, half) = extent(label);
        let crosses =
            |flag: &&Found| (flag.number("x1") - middle).abs() < half && flag.number("y1") < y - 6.0;
        assert!(!of_class(&found, "line", "flag").iter().any(crosses), "{label:?}");
    }
}

#[test]
fn figures_in_one_page_have_their_own_names() {
    let (a, b) = (chart(vec![line("a", &[])]), chart(vec![line("b", &[])]));
    let id = |chart: &LineChart| read(&chart.to_svg())[0].get("id").to_owned();
    assert_ne!(id(&a), id(&b));
    assert_eq!(id(&a), id(&a.clone()));
}

#[test]
fn dots_and_bars_are_one_path_each() {
    let many: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i % 100), f64::from(i % 7))).collect();
    let mut dots = line("", &many);
    dots.look = Look::Dots;
    let found = checked(&chart(vec![dots]));
    let path = of_class(&found, "path", "dots")[0].get("d");
    assert_eq!(path.matches('M').count(), 700);
    let mut bars = line("", &[(1.0, 3.0), (2.0, 0.0), (3.0, -1.0), (4.0, NAN)]);
    bars.look = Look::Bars;
    let found = checked(&chart(vec![bars.clone()]));
    // None for a bar without height, and none for what is no number.
    assert_eq!(of_class(&found, "path", "bars")[0].get("d").matches('M').count(), 2);
    let on_log = on_log_scales(chart(vec![bars]));
    checked(&on_log);
}
