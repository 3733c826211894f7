// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/sample.h"

namespace hanshu::metrics {
namespace {

// Differences and products that wrap around: of damaged numbers, any is as good as another.
std::int64_t wrappingSubtract(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t wrappingMultiply(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
std::uint64_t bits(std::int64_t value) noexcept {
    return static_cast<std::uint64_t>(value);
}

// What a count may be: periods of a file, or values in the time of one; more is damage.
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 60U;

std::int64_t readCount(ByteReader& in) {
    const auto count = in.varint();
    if (count == 0 || count > kMaxCount) {
        in.fail();
        return 1;
    }
    return static_cast<std::int64_t>(count);
}
std::int64_t readSigned(ByteReader& in) {
    return static_cast<std::int64_t>(in.varint());
}

void writeCounter(bool isRaw, const Sample& sample, const Sample& before, ByteWriter out) {
    if (!isRaw) {
        out.varint(bits(sample.count));
    }
    out.zigzag(wrappingSubtract(sample.sum, before.sum));
    if (!isRaw && sample.count > 1) {
        const auto mean = sample.sum / sample.count;
        out.varint(bits(wrappingSubtract(mean, sample.min)));
        out.varint(bits(wrappingSubtract(sample.max, mean)));
    } else if (!isRaw) {
        out.byte(sample.min == sample.sum ? 0 : 1);  // 1: other periods were quiet
    }
}

void readCounter(bool isRaw, const Sample& before, ByteReader& in, Sample& sample) {
    sample.count = isRaw ? 1 : readCount(in);
    sample.sum = wrappingAdd(before.sum, in.zigzag());
    sample.min = sample.sum;
    sample.max = sample.sum;
    if (!isRaw && sample.count > 1) {
        const auto mean = sample.sum / sample.count;
        sample.min = wrappingSubtract(mean, readSigned(in));
        sample.max = wrappingAdd(mean, readSigned(in));
    } else if (!isRaw && in.byte() != 0) {
        sample.min = 0;
    }
}

void writeGauge(const Sample& sample, const Sample& before, ByteWriter out) {
    const auto isFlat = sample.min == sample.max && sample.last == sample.min &&
                        sample.sum == wrappingMultiply(sample.last, sample.count);
    out.varint(bits(sample.count) << 1U | (isFlat ? 1U : 0U));
    out.zigzag(wrappingSubtract(sample.last, before.last));
    if (!isFlat) {
        out.varint(bits(wrappingSubtract(sample.last, sample.min)));
        out.varint(bits(wrappingSubtract(sample.max, sample.last)));
        out.zigzag(wrappingSubtract(sample.sum, wrappingMultiply(sample.last, sample.count)));
    }
}

void readGauge(const Sample& before, ByteReader& in, Sample& sample) {
    const auto countAndFlat = in.varint();
    sample.count = static_cast<std::int64_t>(countAndFlat >> 1U);
    if (countAndFlat >> 1U == 0 || countAndFlat >> 1U > kMaxCount) {
        in.fail();
        sample.count = 1;
    }
    sample.last = wrappingAdd(before.last, in.zigzag());
    sample.min = sample.last;
    sample.max = sample.last;
    sample.sum = wrappingMultiply(sample.last, sample.count);
    if ((countAndFlat & 1U) == 0) {
        sample.min = wrappingSubtract(sample.last, readSigned(in));
        sample.max = wrappingAdd(sample.last, readSigned(in));
        sample.sum = wrappingAdd(sample.sum, in.zigzag());
    }
}

void writeHistogram(const Sample& sample, std::string_view buckets, ByteWriter out) {
    out.varint(bits(sample.count));
    out.varint(bits(sample.sum));
    if (sample.count > 1) {
        out.varint(bits(sample.min));
        out.varint(bits(wrappingSubtract(sample.max, sample.min)));
        out.text(buckets);
    }
}

void readHistogram(ByteReader& in, Sample& sample, std::string_view& buckets) {
    sample.count = readCount(in);
    sample.sum = readSigned(in);
    sample.min = sample.sum;
    sample.max = sample.sum;
    buckets = {};
    if (sample.count > 1) {
        sample.min = readSigned(in);
        sample.max = wrappingAdd(sample.min, readSigned(in));
        buckets = in.text();
    }
}

}  // namespace

void join(Sample& into, const Sample& later) noexcept {
    into.sum = wrappingAdd(into.sum, later.sum);
    into.min = std::min(into.min, later.min);
    into.max = std::max(into.max, later.max);
    into.last = later.last;
    into.count = wrappingAdd(into.count, later.count);
}

void joinWithin(Kind kind, Sample& into, const Sample& other) noexcept {
    if (kind == Kind::Counter) {
        into = counterSample(wrappingAdd(into.sum, other.sum));
    } else {
        join(into, other);
    }
}

void writeSample(Kind kind, bool isRaw, const Sample& sample, std::string_view buckets, const Sample& before,
                 std::string& out) {
    switch (kind) {
        case Kind::Counter:
            return writeCounter(isRaw, sample, before, ByteWriter(out));
        case Kind::Gauge:
            return writeGauge(sample, before, ByteWriter(out));
        case Kind::Histogram:
            return writeHistogram(sample, buckets, ByteWriter(out));
    }
}

bool readSample(Kind kind, bool isRaw, ByteReader& in, Sample& sample, std::string_view& buckets,
                const Sample& before) {
    switch (kind) {
        case Kind::Counter:
            readCounter(isRaw, before, in, sample);
            break;
        case Kind::Gauge:
            readGauge(before, in, sample);
            break;
        case Kind::Histogram:
            readHistogram(in, sample, buckets);
            break;
    }
    return in.ok();
}

bool addTo(Histogram& histogram, const Sample& sample, std::string_view buckets) {
    if (sample.count == 1) {
        histogram.record(bits(sample.sum));
        return true;
    }
    return histogram.mergeBuckets(buckets, bits(sample.sum), bits(sample.min), bits(sample.max));
}

Sample sampleOf(const Histogram& histogram, std::string& out) {
    if (histogram.count() > 1) {
        histogram.writeBuckets(out);
    }
    return {static_cast<std::int64_t>(histogram.sum()), static_cast<std::int64_t>(histogram.min()),
            static_cast<std::int64_t>(histogram.max()), 0, static_cast<std::int64_t>(histogram.count())};
}

}  // namespace hanshu::metrics
