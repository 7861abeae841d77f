//! What grows with a project, as a chart.

use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use crate::growth::{self, Growth};
use crate::results::{Row, median};
use crate::situations::SITUATIONS;
use crate::ways::PEERS;

/// The number of packages in the lock file, and of members.
const DEPENDENCIES: [(i32, Growth); 3] = [
    (50, Growth::Dependencies(50)),
    (130, Growth::Dependencies(130)),
    (400, Growth::Dependencies(400)),
];
const MEMBERS: [(i32, Growth); 3] = [
    (1, Growth::Dependencies(50)),
    (30, Growth::Members(30)),
    (300, Growth::Members(300)),
];

/// Those of the peers in their order, which can be read on dark and on light pages.
const COLOURS: [RGBColor; 6] = [
    RGBColor(46, 160, 67),
    RGBColor(126, 186, 181),
    RGBColor(56, 139, 253),
    RGBColor(219, 109, 40),
    RGBColor(139, 148, 158),
    RGBColor(163, 113, 247),
];

/// A scale of logarithms, because what compiles everything again would flatten all else.
const SECONDS: Range<f64> = 0.1..400.0;

/// Draws into `file` a row of charts for dependencies and one for members, each situation a column.
/// `ink` is the colour of text.
pub fn write(file: &Path, rows: &[Row], ink: RGBColor) {
    let area = SVGBackend::new(file, (860, 500)).into_drawing_area();
    let (charts, legend) = area.split_vertically(450);
    let charts = charts.split_evenly((2, 3));
    let axes = [("dependencies", DEPENDENCIES), ("members", MEMBERS)];
    let font = |size: i32| ("sans-serif", size).into_font().color(&ink);
    let cells = axes
        .iter()
        .flat_map(|axis| growth::SITUATIONS.map(|situation| (axis, situation)));
    for (chart, ((unit, sizes), situation)) in charts.iter().zip(cells) {
        let title = SITUATIONS
            .iter()
            .find(|(number, _)| *number == situation)
            .unwrap()
            .1;
        let seconds =
            |peer: &str, size: Growth| Some(median(rows, &size.name(), situation, peer)?.0);
        let curves: Vec<_> = growth::PEERS
            .iter()
            .zip(COLOURS)
            .map(|(peer, colour)| {
                let point = |(count, size): &(i32, Growth)| Some((*count, seconds(peer, *size)?));
                (colour, sizes.iter().filter_map(point).collect::<Vec<_>>())
            })
            .collect();
        let mut chart = ChartBuilder::on(chart)
            .caption(title, font(14))
            .margin(8)
            .x_label_area_size(28)
            .y_label_area_size(34)
            .build_cartesian_2d(0..sizes[2].0, SECONDS.log_scale())
            .unwrap();
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(ink)
            .label_style(font(11))
            .x_desc(*unit)
            .x_labels(4)
            .y_labels(4)
            .y_label_formatter(&|seconds| format!("{seconds} s"))
            .draw()
            .unwrap();
        for (colour, points) in curves {
            chart
                .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))
                .unwrap();
            chart
                .draw_series(
                    points
                        .into_iter()
                        .map(|point| Circle::new(point, 3, colour.filled())),
                )
                .unwrap();
        }
    }
    for (at, (peer, colour)) in growth::PEERS.iter().zip(COLOURS).enumerate() {
        let (x, y) = (20 + at as i32 % 3 * 285, 8 + at as i32 / 3 * 20);
        let name = PEERS.iter().find(|(name, _)| name == peer).unwrap().1;
        legend
            .draw(&Rectangle::new(
                [(x, y + 2), (x + 14, y + 10)],
                colour.filled(),
            ))
            .unwrap();
        legend
            .draw(&Text::new(name, (x + 22, y), font(12)))
            .unwrap();
    }
    area.present().unwrap();
}
