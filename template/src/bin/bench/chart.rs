//! The summary of the results, as a chart.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::results::{Row, median};
use crate::situations::SITUATIONS;
use crate::{curves, growth};

/// The situations in the chart, and the peers, whose names are short there.
const CHARTED: [u32; 4] = [3, 6, 7, 9];
const SHORT: [(&str, &str); 8] = [
    ("template-run", "this template, make run"),
    ("guide-incremental", "Docker's guide, incremental"),
    ("template", "this template, make build"),
    ("guide", "Docker's guide"),
    ("chef-cache", "cargo-chef, sccache, caches"),
    ("chef", "cargo-chef"),
    ("2018-mended", "2018 post, mended"),
    ("plain", "COPY . . and build"),
];

/// Writes `chart-….svg` and `growth-….svg` into `folder`, each for dark and for light pages.
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
        if growth::is_measured(rows) {
            curves::write(&folder.join(format!("growth-{page}.svg")), rows, colours[0]);
        }
    }
}

/// Bars for the charted situations. The colours are those of text, lines, this template and others.
fn chart(file: &Path, rows: &[Row], [ink, line, own, other]: [RGBColor; 4]) {
    let (width, bar, left, right) = (860, 20, 210, 70);
    // The bars of a situation: peer, its short name and seconds.
    let bars = |situation| -> Vec<_> {
        let seconds = |peer| Some(median(rows, "large", situation, peer)?.0);
        SHORT
            .iter()
            .filter_map(|(peer, name)| Some((*peer, *name, seconds(peer)?)))
            .collect()
    };
    let charted: Vec<_> = SITUATIONS
        .iter()
        .filter(|(number, _)| CHARTED.contains(number))
        .map(|(number, name)| (name, bars(*number)))
        .filter(|(_, times)| !times.is_empty())
        .collect();
    let group = |count: usize| 34 + count as i32 * bar + 14;
    let height = 8 + charted
        .iter()
        .map(|(_, times)| group(times.len()))
        .sum::<i32>();
    let area = SVGBackend::new(file, (width as u32, height as u32)).into_drawing_area();
    let font = |size: i32| ("sans-serif", size).into_font().color(&ink);
    let mut top = 8;
    for (name, times) in charted {
        let longest = times.iter().map(|(_, _, time)| *time).fold(1.0, f64::max);
        area.draw(&Text::new(
            format!("{name}, seconds"),
            (left, top),
            font(15),
        ))
        .unwrap();
        area.draw(&PathElement::new(
            [
                (left, top + 22),
                (left, top + 24 + times.len() as i32 * bar),
            ],
            line,
        ))
        .unwrap();
        for (at, (peer, name, time)) in times.iter().enumerate() {
            let y = top + 24 + at as i32 * bar;
            let end = left + (f64::from(width - left - right) * time / longest) as i32;
            let colour = if peer.starts_with("template") {
                own
            } else {
                other
            };
            area.draw(&Rectangle::new(
                [(left, y + 2), (end.max(left + 1), y + bar - 3)],
                colour.filled(),
            ))
            .unwrap();
            let label = font(13).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(*name, (left - 8, y + bar / 2), label))
                .unwrap();
            let value = font(13).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(
                format!("{time:.1}"),
                (end + 6, y + bar / 2),
                value,
            ))
            .unwrap();
        }
        top += group(times.len());
    }
    area.present().unwrap();
}
