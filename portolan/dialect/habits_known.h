// The known registries, for habits.cc. A function for each, in the file of those that it is like.
#pragma once

#include "portolan/dialect/habits.h"

namespace portolan::dialect {

const Habits& HabitsOfHub2023();
const Habits& HabitsOfHub2026();
const Habits& HabitsOfGhcr2023();
const Habits& HabitsOfGhcr2026();
const Habits& HabitsOfQuay2023();
const Habits& HabitsOfQuay2024();
const Habits& HabitsOfPortolan();
const Habits& HabitsOfDistribution28();
const Habits& HabitsOfDistribution3();
const Habits& HabitsOfEcr();
const Habits& HabitsOfGar();
const Habits& HabitsOfAcr();
const Habits& HabitsOfGitlab();
const Habits& HabitsOfHarbor();
const Habits& HabitsOfArtifactory();
const Habits& HabitsOfNexus();
const Habits& HabitsOfZot();

}  // namespace portolan::dialect
