//! `orders.csv`: trials from which the lab computes the effect of its own order of trials.

use crate::folder;
use crate::table::rows;
use crate::value::named;

named! {
    /// In which order trials ran.
    #[derive(Default)]
    pub enum Order {
        /// Interleaved in random blocks.
        #[default]
        Blocks = "blocks",
        /// All of one runtime, then all of the other.
        InTurn = "in-turn",
    }
}

rows! {
    /// A trial of one order.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct OrderRow in folder::ORDERS;
    row: "trial of a comparison of orders";
    key: [repetition, order, runtime, trial];
    repetition: u32, [], "which repetition of the comparison";
    order: Order, [], "`blocks`: interleaved; `in-turn`: all of one, then all of the other";
    runtime: String, [], "which of the two identical programs";
    trial: u32, [], "which of its trials in this repetition";
    makespan_ns: Option<u64>, ["ns"; empty when "the trial was not `ok`"], "as in trials.csv";
}
