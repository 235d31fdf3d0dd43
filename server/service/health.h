// What health checks are told.
#ifndef DIGITS_SERVER_SERVICE_HEALTH_H_
#define DIGITS_SERVER_SERVICE_HEALTH_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace digits {

// Names, each serving or not. May be used from any number of threads at once.
class Health {
 public:
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // Called from any thread.
    virtual void Changed() = 0;
  };

  // Adds the name where it is new, and tells those who watch any.
  void Set(const std::string& name, bool serving);

  // Whether the name serves; nothing where there is none.
  std::optional<bool> Get(const std::string& name) const;

  void Add(const std::shared_ptr<Watcher>& watcher);
  void Remove(const std::shared_ptr<Watcher>& watcher);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, bool> serving_;
  std::set<std::shared_ptr<Watcher>> watchers_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_HEALTH_H_
