//! The summary of the results, as a chart.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::results::Row;
use crate::week::{OWN, weeks};

/// Writes `chart-dark.svg` and `chart-light.svg` into `folder`, for dark and for light pages.
pub fn write(folder: &Path, rows: &[Row]) {
    let dark = [
        RGBColor(230, 237, 243),
        RGBColor(61, 68, 77),
        RGBColor(63, 185, 80),
        RGBColor(110, 118, 129),
    ];
    let light = [
        RGBColor(31, 35, 40),
        RGBColor(209, 217, 224),
        RGBColor(26, 127, 55),
        RGBColor(175, 184, 193),
    ];
    for (page, colours) in [("dark", dark), ("light", light)] {
        chart(&folder.join(format!("chart-{page}.svg")), rows, colours);
    }
}

/// Bars for the week of each way to build. The colours are those of text, lines, this template and
/// others.
fn chart(file: &Path, rows: &[Row], colours: [RGBColor; 4]) {
    let weeks = weeks(rows);
    let minutes = weeks.iter().map(|week| (week.way, week.minutes, format!("{:.0}", week.minutes)));
    let worst = weeks.iter().map(|week| {
        let label = format!("{:.1} × ({})", week.worst, week.worst_name);
        (week.way, week.worst, label)
    });
    let groups = [
        ("Minutes of waiting in a week of work", minutes.collect()),
        ("The slowest of these waits, as a multiple of the fastest way's", worst.collect()),
    ];
    let height = 8 + 2 * (TITLE + BAR * weeks.len() as i32 + GAP);
    let area = SVGBackend::new(file, (WIDTH as u32, height as u32)).into_drawing_area();
    let mut top = 8;
    for (title, bars) in groups {
        top = group(&area, top, title, bars, colours);
    }
    area.present().unwrap();
}

/// Pixels.
const WIDTH: i32 = 860;
const BAR: i32 = 20;
const LEFT: i32 = 210;
const RIGHT: i32 = 250;
const TITLE: i32 = 34;
const GAP: i32 = 14;

/// Draws bars below a title, each with a name, a length and a label. Returns where the next group
/// begins, in pixels from the top.
fn group(
    area: &DrawingArea<SVGBackend, Shift>,
    top: i32,
    title: &str,
    bars: Vec<(&str, f64, String)>,
    [ink, line, own, other]: [RGBColor; 4],
) -> i32 {
    let font = |size: i32| ("sans-serif", size).into_font().color(&ink);
    let longest = bars.iter().map(|bar| bar.1).fold(1.0, f64::max);
    area.draw(&Text::new(title, (LEFT, top), font(15))).unwrap();
    let bottom = top + 24 + bars.len() as i32 * BAR;
    area.draw(&PathElement::new([(LEFT, top + 22), (LEFT, bottom)], line)).unwrap();
    for (at, (name, length, label)) in bars.iter().enumerate() {
        let y = top + 24 + at as i32 * BAR;
        let end = LEFT + (f64::from(WIDTH - LEFT - RIGHT) * length / longest) as i32;
        let colour = if *name == OWN { own } else { other };
        let bar = [(LEFT, y + 2), (end.max(LEFT + 1), y + BAR - 3)];
        area.draw(&Rectangle::new(bar, colour.filled())).unwrap();
        let right = font(13).pos(Pos::new(HPos::Right, VPos::Center));
        area.draw(&Text::new(*name, (LEFT - 8, y + BAR / 2), right)).unwrap();
        let left = font(13).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(label.as_str(), (end + 6, y + BAR / 2), left)).unwrap();
    }
    bottom + 10 + GAP
}
