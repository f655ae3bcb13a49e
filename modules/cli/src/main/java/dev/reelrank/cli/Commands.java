package dev.reelrank.cli;

import picocli.CommandLine;

/** The commands, in the order people meet them. */
final class Commands {
    private Commands() {}

    static void addTo(CommandLine root) {
        root.addSubcommand(new RunCommand());
        root.addSubcommand(new SubmitCommand());
        root.addSubcommand(new StatusCommand());
        root.addSubcommand(new CollectCommand());
        root.addSubcommand(new ReplayCommand());
        root.addSubcommand(holder(new DeadCommand()));
        root.addSubcommand(new SelectCommand());
        root.addSubcommand(new TuneCommand());
        root.addSubcommand(holder(new ReportCommand()));
        root.addSubcommand(holder(new TopicsCommand()));
        root.addSubcommand(new BrokerCommand());
        root.addSubcommand(new DoctorCommand());
    }

    /** A command that only holds others: alone it shows its usage. */
    private static CommandLine holder(Object command) {
        var holder = new CommandLine(command);
        holder.getCommandSpec().usageMessage().synopsisSubcommandLabel("COMMAND");
        return holder;
    }
}
