#include "server/service/traceparent.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace digits {
namespace {

const std::string kTraceId = "0af7651916cd43dd8448eb211c80319c";
const std::string kSpanId = "b7ad6b7169203331";

// The rules are those of W3C Trace Context, section 3.2.2: "Version", "version-format", and
// section 3.2.4, "Versioning of traceparent".
TEST(TraceParentTest, ValidHeadersTellWhereTheRequestBelongs) {
  const std::string ids = kTraceId + "-" + kSpanId;
  for (const std::string& header : {
           "00-" + ids + "-01", "00-" + ids + "-00",
           "00-" + ids + "-ff",      // flags that nobody knows yet
           "01-" + ids + "-01",      // a later version
           "fe-" + ids + "-01",      // the last one
           "cc-" + ids + "-01-",     // a later version goes on after a dash
           "cc-" + ids + "-01-x.Y",  // with what nobody knows yet
       }) {
    const std::optional<TraceParent> parent = ParseTraceParent(header);
    ASSERT_TRUE(parent.has_value()) << header;
    EXPECT_EQ(parent->trace_id, kTraceId) << header;
    EXPECT_EQ(parent->span_id, kSpanId) << header;
  }
}

TEST(TraceParentTest, InvalidHeadersTellNothing) {
  const std::string ids = kTraceId + "-" + kSpanId;
  for (const std::string& header : {
           std::string(),
           std::string("00"),
           "00-" + ids,  // no flags
           "00-" + ids + "-",
           "00-" + ids + "-0",
           "00-" + ids + "-01-",  // version 00 ends after the flags
           "00-" + ids + "-01-more",
           "00-" + ids + "-011",
           "cc-" + ids + "-01.more",  // others go on with a dash alone
           "cc-" + ids + "-011",
           "ff-" + ids + "-01",  // a version that is forbidden
           "0-" + ids + "-01",
           "000-" + ids + "-01",
           "0g-" + ids + "-01",
           "0A-" + ids + "-01",  // upper case
           " 00-" + ids + "-01",
           "00-" + ids + "-0g",
           "00-" + ids + "-0A",
           "00_" + ids + "-01",
           "00-" + kTraceId + "_" + kSpanId + "-01",
           "00-" + ids + "_01",
           "00-" + std::string(32, '0') + "-" + kSpanId + "-01",
           "00-" + kTraceId + "-" + std::string(16, '0') + "-01",
           "00-0AF7651916CD43DD8448EB211C80319C-" + kSpanId + "-01",
           "00-" + kTraceId + "-B7AD6B7169203331-01",
           "00-.af7651916cd43dd8448eb211c80319c-" + kSpanId + "-01",
           "00-" + kTraceId + "-b7ad6b716920333.-01",
           "00-" + kTraceId + "0-" + kSpanId + "-01",           // too long
           "00-" + kTraceId.substr(1) + "-" + kSpanId + "-01",  // too short
           "00-" + kTraceId + "-" + kSpanId + "0-01",
           "00-" + kTraceId + "-" + kSpanId.substr(1) + "-01",
           "cc-" + kTraceId.substr(1) + "-" + kSpanId + "-01-x",
       }) {
    EXPECT_FALSE(ParseTraceParent(header).has_value()) << header;
  }
}

}  // namespace
}  // namespace digits
